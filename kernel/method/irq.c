/* SPDX-License-Identifier: BSD-2-Clause */
/* IRQ: one interrupt, delivered as a notice. */
#include "kernel/device/irq.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_irq_bind(struct invocation *inv)
{
	const struct notice_binding b = notice_binding(&inv->cap[0].cap);

	inv_commit(inv);
	irq_bind(device_self(&inv->self), &b);
	return RC_OK;
}

enum status
method_irq_ack(struct invocation *inv, uint64_t handled)
{
	if (handled > 1)
		return RC_ARGUMENT;
	inv_commit(inv);
	irq_ack(device_self(&inv->self), handled == 1);
	return RC_OK;
}

enum status
method_irq_mask(struct invocation *inv, uint64_t masked)
{
	if (masked > 1)
		return RC_ARGUMENT;
	inv_commit(inv);
	irq_mask(device_self(&inv->self), masked == 1);
	return RC_OK;
}

enum status
method_irq_release(struct invocation *inv)
{
	inv_commit(inv);
	irq_release(device_self(&inv->self));
	return RC_OK;
}

enum status
method_irq_info(struct invocation *inv)
{
	struct irq_info info;

	irq_describe(device_self(&inv->self), &info);
	inv_commit(inv);
	inv->out_word[1] = info.deliveries;
	inv->out_word[2] = info.unhandled;
	inv->out_word[3] = (info.bits & IRQ_MASKED) != 0 ? 1 : 0;
	inv->out_word[4] = info.line;
	return RC_OK;
}
