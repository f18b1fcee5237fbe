/* SPDX-License-Identifier: BSD-2-Clause */
/* IRQ space: all interrupts, and who has which. */
#include "kernel/device/irq.h"
#include "kernel/hal/hal.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum { SOURCE_ID_MOST = 0xffff };

enum status
method_irq_space_alloc_line(
    struct invocation *inv, uint64_t gsi, uint64_t trigger, uint64_t polarity)
{
	const bool  level = trigger == 1, low = polarity == 1;
	uint32_t    index;
	enum status st;

	if (gsi > UINT32_MAX || trigger > 1 || polarity > 1)
		return RC_ARGUMENT;
	st = irq_line_check((uint32_t)gsi, level, low);
	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	index = irq_line_take(
	    (uint32_t)gsi, level, low, inv->string, inv->string_bytes);
	inv->out_cap[0] = device_cap(index, 0, 0);
	return RC_OK;
}

enum status
method_irq_space_alloc_msi(struct invocation *inv, uint64_t source_id)
{
	uint64_t    address;
	uint32_t    index, data;
	enum status st;

	if (source_id > SOURCE_ID_MOST)
		return RC_ARGUMENT;
	st = irq_vector_check();
	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	index = irq_msi_take(
	    (uint32_t)source_id, inv->string, inv->string_bytes);
	irq_message(index, &address, &data);
	inv->out_cap[0] = device_cap(index, 0, 0);
	inv->out_word[1] = address;
	inv->out_word[2] = data;
	return RC_OK;
}

enum status
method_irq_space_query(struct invocation *inv, uint64_t index)
{
	struct irq_info info;
	enum status     st = irq_query(index, &info);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv_record(inv, &info, sizeof(info), irq_count());
	return RC_OK;
}

enum status
method_irq_space_isa_gsi(struct invocation *inv, uint64_t isa)
{
	uint32_t gsi;
	bool     level, low;

	if (isa > UINT32_MAX ||
	    !hal_isa_gsi((unsigned)isa, &gsi, &level, &low))
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_word[1] = gsi;
	inv->out_word[2] = level ? 1 : 0;
	inv->out_word[3] = low ? 1 : 0;
	return RC_OK;
}
