/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at processes for the table of those that are known. */
#include "kernel/object/known.h"
#include "kernel/object/cpu.h"

struct known known[KNOWN];

_Static_assert(sizeof(struct known) == 128, "two cache lines");

/* First word of a start capability without data: kind, no rights, count. */
static uint64_t
start_word(uint32_t count)
{
	const struct cap c = cap_make(CK_START, 0, 0, count, (oid){0});
	uint64_t         word;

	memcpy(&word, &c, sizeof(word));
	return word;
}

static uint8_t
world_of(const struct process *p)
{
	return frame_source(p->node->number) == SOURCE_PERSISTENT
	    ? WORLD_PERSISTENT
	    : 0;
}

/* Who was lent a page is looked at each time: it is loaded the long way (D4). */
static void
fill(struct known *k, const struct process *p)
{
	const unsigned priority = process_priority(p);
	const bool     lent     = (p->state_frame->flags & FF_LENT) != 0;
	const bool     bound    = process_reserve(p) != 0 ||
	    (p->header->flags & PF_RESIDENT) != 0;
	const bool     slow     = bound || (p->header->flags & PF_FOREIGN) != 0;

	*k = (struct known){
	    .p         = *p,
	    .oid       = process_oid(p).v,
	    .as_of     = lent ? 0 : mem.changes,
	    .word      = process_oid(p).v |
	        (uint64_t)frame_index(p->node) << CAP_HINT_SHIFT,
	    .start     = start_word(p->header->count),
	    .top       = map_remembered(p->state_frame),
	    .count     = p->header->count,
	    .as_urgent = UINT32_MAX << priority,
	    .priority  = (uint8_t)priority,
	    .as_caller = (uint8_t)(world_of(p) | (slow ? WORLD_SLOW : 0)),
	    .as_faulter = (uint8_t)(world_of(p) | (bound ? WORLD_SLOW : 0)),
	    .as_target = (uint8_t)(world_of(p) |
	        (process_reserve(p) != 0 ? WORLD_RESERVE : 0)),
	};
}

/* From here on its activity may change without activity_touch. */
static void
touch(const struct process *p)
{
	struct activity *a = process_activity(p);

	if (a != NULL)
		activity_touch(a);
}

struct known *
known_note(const struct process *p)
{
	struct known *k = known_at(process_oid(p).v);

	debug_assert(!cpu.loaded || cpu.current != &k->p);
	touch(p);
	fill(k, p);
	return k;
}

/* Its frames, if they are there and as a call needs them. */
static bool
look(oid id, struct process *p)
{
	struct frame       *f = frame_find(oid_frame(id)), *sf;
	struct node_header *h;
	struct cap         *slot;
	struct state_page  *s;
	const unsigned      i = oid_index(id);

	if (f == NULL || f->kind != FK_NODE || i >= FRAME_NODES ||
	    !frame_writable(f))
		return false;
	h    = &frame_nodes(f)->node[i];
	slot = frame_nodes(f)->slot[i];
	if (h->role != ROLE_PROCESS)
		return false;
	/* What the hint leads to was checked when it was set. */
	sf = frame_hinted(cap_hint(&slot[SLOT_STATE]));
	s  = frame_data(sf);
	if (sf->kind != FK_STATE || !(sf->flags & FF_FORCED) ||
	    !frame_writable(sf) || s->node_oid != id.v ||
	    s->node_count != h->count)
		return false;
	*p = (struct process){
	    .node        = f,
	    .state_frame = sf,
	    .state       = s,
	    .header      = h,
	    .slot        = slot,
	    .index       = i,
	};
	return true;
}

struct known *
known_look(oid process)
{
	struct known  *k = known_at(process.v);
	struct process p;

	if ((cpu.loaded && cpu.current == &k->p) || !look(process, &p))
		return NULL;
	touch(&p);
	fill(k, &p);
	return k;
}

void
known_loaded(void)
{
	known_of(cpu.current)->top = map_remembered(cpu.current->state_frame);
}

struct activity *
known_activity(const struct known *to)
{
	struct activity *mine = cpu.activity, *its = process_activity(&to->p);

	/* Notices are on their way, or it has its turn to give away. */
	if (mine->notices != 0 || mine->flags & AF_WOKEN)
		return NULL;
	if (its != NULL)
		return its->state == KA_RESERVED && its->notices == 0 &&
			!(its->flags & AF_OUTSIDE)
		    ? its
		    : NULL;
	return mine->flags & AF_RESERVED ? NULL : mine;
}

__attribute__((cold)) bool
known_ok(const struct known *k)
{
	const struct process *p = &k->p;
	struct process        q;
	struct known          now;

	if (!look((oid){k->oid}, &q))
		return false;
	fill(&now, &q);
	return p->node == q.node && p->state_frame == q.state_frame &&
	    p->state == q.state && p->header == q.header &&
	    p->slot == q.slot && p->index == q.index && k->word == now.word &&
	    k->start == now.start && (k->top == now.top || k->top == &map_no_table) &&
	    k->count == now.count &&
	    k->as_urgent == now.as_urgent && k->priority == now.priority &&
	    k->as_caller == now.as_caller && k->as_target == now.as_target &&
	    k->as_faulter == now.as_faulter;
}
