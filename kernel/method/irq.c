/* SPDX-License-Identifier: BSD-2-Clause */
/* IRQ: one interrupt, delivered as a notice. */
#include "kernel/device/irq.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

/* The dispatcher has seen that the capability is alive. */
static uint32_t
self(const struct invocation *inv)
{
	uint32_t             index = 0;
	const struct device *d = device_find(&inv->self.cap, &index);

	assert(d != NULL);
	return index;
}

enum status
method_irq_bind(struct invocation *inv)
{
	const struct notice_binding b = notice_binding(&inv->cap[0].cap);

	inv_commit(inv);
	irq_bind(self(inv), &b);
	return RC_OK;
}

enum status
method_irq_ack(struct invocation *inv, uint64_t handled)
{
	if (handled > 1)
		return RC_ARGUMENT;
	inv_commit(inv);
	irq_ack(self(inv), handled == 1);
	return RC_OK;
}

enum status
method_irq_mask(struct invocation *inv, uint64_t masked)
{
	if (masked > 1)
		return RC_ARGUMENT;
	inv_commit(inv);
	irq_mask(self(inv), masked == 1);
	return RC_OK;
}

enum status
method_irq_release(struct invocation *inv)
{
	inv_commit(inv);
	irq_release(self(inv));
	return RC_OK;
}

enum status
method_irq_info(struct invocation *inv)
{
	struct irq_info info;

	irq_describe(self(inv), &info);
	inv_commit(inv);
	inv->out_word[1] = info.deliveries;
	inv->out_word[2] = info.unhandled;
	inv->out_word[3] = (info.bits & IRQ_MASKED) != 0 ? 1 : 0;
	inv->out_word[4] = info.line;
	return RC_OK;
}
