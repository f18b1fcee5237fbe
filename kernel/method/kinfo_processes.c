/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel information: what runs. */
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"

enum { STATE_UNKNOWN = 0xff }; /* Not in memory. */

/* What an activity tells, and its state page if that is in memory. */
static void
describe(const struct activity *a, struct kinfo_process *out)
{
	struct frame  *f = frame_find(oid_frame((oid){a->oid}));
	struct process p;

	*out = (struct kinfo_process){
	    .oid      = a->oid,
	    .count    = a->count,
	    .notices  = a->notices,
	    .activity = a->state,
	    .state    = STATE_UNKNOWN,
	    .priority = a->priority,
	};
	if (f == NULL || f->kind != FK_NODE)
		return;
	if (frame_find(oid_frame(cap_oid(&frame_nodes(f)
		    ->slot[oid_index((oid){a->oid})][SLOT_STATE]))) == NULL)
		return;
	if (process_prepare(f, oid_index((oid){a->oid}), &p) != RC_OK)
		return;
	out->state = p.state->state;
	out->fault = p.state->fault;
	out->ticks = p.state->ticks;
	out->pc    = p.state->regs.rip;
	memcpy(out->name, p.state->name, sizeof(out->name));
}

enum status
method_kinfo_processes(struct invocation *inv, uint64_t index)
{
	struct kinfo_process *out   = (void *)inv->out_string;
	const uint32_t        limit = PAGE_SIZE / sizeof(*out);
	uint32_t              n = 0, total = activity_end();

	inv_commit(inv);
	for (; index < total && n < limit; index++) {
		const struct activity *a = activity_at((uint32_t)index);

		if (a != NULL)
			describe(a, &out[n++]);
	}
	inv->out_bytes   = n * (uint32_t)sizeof(*out);
	inv->out_word[1] = index < total ? index : 0;
	return RC_OK;
}
