/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: finding, making, changing and destroying them.
 */
#include "kernel/object/process.h"
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"
#include "kernel/object/outside.h"
#include "kernel/object/store.h"
#include "kernel/sched/clock.h"

/* Does this state page belong to that node (F3)? */
static bool
names_back(const struct frame *f, oid id, const struct node_header *h)
{
	const struct state_page *s = frame_data(f);

	return s->node_oid == id.v && s->node_count == h->count;
}

/* Is f the state page that this capability names? */
static bool
is_state_of(const struct frame *f, const struct cap *c)
{
	return f->use == USE_OBJECT && f->kind == FK_STATE &&
	    f->number == oid_frame(cap_oid(c)) && f->count == c->count &&
	    !(f->flags & (FF_IO_IN | FF_LOST));
}

/*
 * The hint in a process's state slot is where its state page was found last:
 * whoever sets it has checked all that process_prepare checks.
 */
static void
set_hint(struct cap *c, const struct frame *state)
{
	c->word = (c->word & OID_MASK) |
	    (uint64_t)frame_index(state) << CAP_HINT_SHIFT;
}

static uint32_t
activity_of(oid process)
{
	const struct activity *a = activity_find(process);

	return a != NULL ? activity_index(a) : NO_INDEX;
}

enum status
process_prepare(struct frame *node, unsigned index, struct process *out)
{
	struct node_frame  *nf = frame_nodes(node);
	struct node_header *h  = &nf->node[index];
	struct cap         *c  = &nf->slot[index][SLOT_STATE];
	struct frame       *f  = frame_hinted(cap_hint(c));

	if (c->type != CK_PAGE)
		return RC_STATE;
	if (!is_state_of(f, c)) {
		enum status st = object_fetch(oid_frame(cap_oid(c)), &f);

		if (st != RC_OK)
			return st == RC_NOT_FOUND ? RC_STATE : st;
		if (!is_state_of(f, c))
			return RC_STATE;
		if (!(node->flags & FF_IO_OUT))
			set_hint(c, f);
	}
	/* It may have been away, and be back where the hint says. */
	if (f->state.activity == NO_INDEX && !(f->flags & FF_FORCED))
		f->state.activity = activity_of(oid_make(node->number, index));
	if (!names_back(f, oid_make(node->number, index), h))
		return RC_STATE;
	frame_hold(node);
	frame_hold(f);
	*out = (struct process){
	    .node        = node,
	    .state_frame = f,
	    .state       = frame_data(f),
	    .header      = h,
	    .slot        = nf->slot[index],
	    .index       = index,
	};
	return RC_OK;
}

enum status
process_prepare_write_slow(struct process *p)
{
	struct frame      *node = p->node, *state = p->state_frame;
	struct node_frame *nf;
	enum status        st;

	st = object_prepare_write(&node);
	if (st != RC_OK)
		return st;
	st = object_prepare_write(&state);
	if (st != RC_OK)
		return st;
	frame_hold(node);
	frame_hold(state);
	nf             = frame_nodes(node);
	set_hint(&nf->slot[p->index][SLOT_STATE], state);
	p->node        = node;
	p->state_frame = state;
	p->state       = frame_data(state);
	p->header      = &nf->node[p->index];
	p->slot        = nf->slot[p->index];
	return RC_OK;
}

void
object_evicted(const struct frame *f)
{
	const struct state_page *s = frame_data(f);
	struct activity         *a;

	if (f->state.activity == NO_INDEX)
		return;
	a = activity_slot(f->state.activity);
	if (a->oid == s->node_oid)
		activity_hash(a);
}

void
process_put(struct process *p, unsigned slot, const struct cap *c)
{
	struct activity *a;

	debug_assert(frame_writable(p->node));
	if (slot == 0)
		return; /* Register 0 stays void. */
	if (slot == SLOT_SPACE) {
		p->state_frame->flags &= (uint16_t)~FF_LENT;
		map_space_changed(p->state_frame);
		known_forget_top(p);
		if (cpu.loaded && cpu.current->state == p->state)
			cpu.remap = true;
	}
	p->slot[slot] = *c;
	process_note_placed(p, slot);
	if (slot == SLOT_SCHEDULE) {
		known_forget(p);
		a = process_activity(p);
		if (a != NULL)
			sched_set_priority(
			    a, process_priority(p), process_reserve(p));
		if (cpu.loaded && cpu.current->state == p->state &&
		    (reserves.running != 0 || process_reserve(p) != 0))
			cpu.remap = true; /* Time is charged from a dispatch on. */
	}
	if (slot == SLOT_IO && cpu.loaded && cpu.current->state == p->state)
		hal_io_close();
}

void
process_put_registers(struct state_page *s, const void *registers)
{
	/* In both one behind the other (kernel/abi/process.h). */
	memcpy((uint8_t *)s + STATE_REGS_OFFSET, registers,
	    sizeof(struct register_set));
	s->regs.trap = TRAP_INTERRUPT;
	hal_force_registers(s);
}

struct cap
process_make(struct ref *node, struct ref *page)
{
	struct state_page  *s = frame_data(page->frame);
	struct node_header *h;
	struct cap          state;

	debug_assert(frame_writable(node->frame));
	debug_assert(frame_writable(page->frame));
	object_rescind_node(node->frame, node->index);
	object_make_state(page->frame);
	memset(s, 0, sizeof(*s));
	h             = ref_header(node);
	h->role       = ROLE_PROCESS;
	h->flags      = 0;
	h->built = h->placed = UINT32_C(1) << SLOT_STATE; /* ORIGIN_KERNEL */
	s->node_oid   = oid_make(node->frame->number, node->index).v;
	s->node_count = h->count;
	s->state      = PS_AVAILABLE;
	s->xformat    = XSAVE_FORMAT_1;
	hal_state_init(s);
	page->frame->state.activity = NO_INDEX;
	page->frame->flags &= (uint16_t)~FF_FORCED;
	state = cap_make(CK_PAGE, 0, 0, page->frame->count,
	    oid_make(page->frame->number, OID_INDEX_FRAME));
	ref_slots(node)[SLOT_STATE] = state;
	return cap_make(
	    CK_PROCESS, 0, 0, h->count, oid_make(node->frame->number,
					    node->index));
}

void
process_forget(struct activity *a)
{
	outside_forget(a);
	if (a->flags & AF_NOTICE)
		alarm_forget(a->oid);
	activity_destroy(a);
}

void
process_destroy(struct frame *node, unsigned index)
{
	struct node_frame  *nf = frame_nodes(node);
	struct frame       *f  =
	    frame_hinted(cap_hint(&nf->slot[index][SLOT_STATE]));
	oid                 id = oid_make(node->number, index);
	struct activity    *a  = activity_find(id);
	struct process      p;

	if (cpu.loaded && cpu.current->node == node &&
	    cpu.current->index == index) {
		process_unload();
		cpu.activity = NULL;
	}
	if (is_state_of(f, &nf->slot[index][SLOT_STATE]) &&
	    names_back(f, id, &nf->node[index])) {
		p = (struct process){.node = node, .state_frame = f, .index = index};
		a = process_activity(&p);
		map_space_changed(f);
		object_rescind_page(f);
	}
	if (a != NULL)
		process_forget(a);
	object_rescind_node(node, index);
	wait_wake(WAIT_PROCESS, id.v); /* They will see void (D5). */
	store_check(id, "it was destroyed");
}

bool
process_ok(const struct process *p)
{
	const struct node_frame *nf = frame_nodes(p->node);

	return p->node->kind == FK_NODE && p->state_frame->kind == FK_STATE &&
	    p->header == &nf->node[p->index] &&
	    p->header->role == ROLE_PROCESS &&
	    p->state->node_oid == oid_make(p->node->number, p->index).v &&
	    p->state->node_count == p->header->count &&
	    p->state->state <= PS_WAITING && p->slot[0].type == CK_VOID;
}
