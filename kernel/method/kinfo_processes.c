/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel information: what runs, and what could.
 *
 * The index counts activities first and then frames, so that a process whose
 * activity went to another with a call is found by its state page. One call
 * looks at so many frames at most (D3).
 */
#include "kernel/method/kinfo.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"

enum {
	STATE_UNKNOWN = 0xff, /* Not in memory. */
	FRAMES_AT_ONCE = 2048,
};

static void
describe_state(const struct state_page *s, struct kinfo_process *out)
{
	out->state = s->state;
	out->fault = s->fault;
	out->ticks = s->ticks;
	out->pc    = s->regs.rip;
	memcpy(out->name, s->name, sizeof(out->name));
}

/* What an activity tells, and its state page if that is in memory. */
static void
describe(const struct activity *a, struct kinfo_process *out)
{
	struct frame            *f = frame_find(oid_frame((oid){a->oid}));
	const struct state_page *s = NULL;

	*out = (struct kinfo_process){
	    .oid      = a->oid,
	    .count    = a->count,
	    .notices  = a->notices,
	    .activity = a->state,
	    .state    = STATE_UNKNOWN,
	    .priority = a->priority,
	    .reserve  = a->reserve,
	};
	if (f != NULL && f->kind == FK_NODE)
		s = kinfo_state(f, oid_index((oid){a->oid}));
	if (s != NULL)
		describe_state(s, out);
}

static void
describe_schedule(
    const struct frame *node, uint64_t number, struct kinfo_process *out)
{
	const struct process p = {
	    .slot = frame_nodes(node)->slot[oid_index((oid){number})]};

	out->priority = (uint8_t)process_priority(&p);
	out->reserve  = process_reserve(&p);
}

/* Is this the state page of a process without an activity? Then fills out. */
static bool
describe_idle(const struct frame *f, struct kinfo_process *out)
{
	const struct state_page *s;
	const struct frame      *node;
	uint32_t                 i;

	if (f->use != USE_OBJECT || f->kind != FK_STATE)
		return false;
	s = frame_data(f);
	i = f->state.activity;
	if ((i != NO_INDEX && activity_slot(i)->oid == s->node_oid) ||
	    activity_find((oid){s->node_oid}) != NULL)
		return false;
	*out = (struct kinfo_process){
	    .oid      = s->node_oid,
	    .count    = s->node_count,
	    .notices  = s->notices,
	    .activity = KA_IDLE,
	};
	describe_state(s, out);
	node = frame_find(oid_frame((oid){s->node_oid}));
	if (node != NULL && node->kind == FK_NODE)
		describe_schedule(node, s->node_oid, out);
	return true;
}

enum status
method_kinfo_processes(struct invocation *inv, uint64_t index)
{
	struct kinfo_process *out   = (void *)inv->out_string;
	const uint32_t        limit = PAGE_SIZE / sizeof(*out);
	const uint64_t        first = activity_end();
	const uint64_t        total = first + mem.nframes;
	uint32_t              n = 0;
	unsigned              looked = 0;

	inv_commit(inv);
	for (; index < first && n < limit; index++) {
		const struct activity *a = activity_at((uint32_t)index);

		if (a != NULL)
			describe(a, &out[n++]);
	}
	for (; index >= first && index < total && n < limit &&
	     looked < FRAMES_AT_ONCE;
	     index++, looked++)
		n += describe_idle(&mem.frame[index - first], &out[n]);
	inv->out_bytes   = n * (uint32_t)sizeof(*out);
	inv->out_word[1] = index < total ? index : 0;
	return RC_OK;
}
