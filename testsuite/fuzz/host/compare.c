/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is what the kernel has what the model says?
 *
 * An incarnation stands for the allocation count with which its first
 * capability is seen; from then on both must agree everywhere, and a later
 * incarnation must have a higher count. The same holds for calls and call
 * numbers (F1). A dead capability may lie in a slot as it is, or as void.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/device/device.h"
#include "kernel/mem/map.h"
#include "kernel/object/cpu.h"

static struct {
	uint32_t at; /* What is being compared, for the report. */
	unsigned slot;
} now;

#define SAME(c)                                                             \
	do {                                                                \
		if (!(c))                                                   \
			wrong("%s; frame %u index %u slot %u", #c, now.at / 8, \
			    now.at % 8, now.slot);                          \
	} while (0)

static void
learn(uint32_t serial, uint32_t at, uint64_t number)
{
	int64_t *top = &model.source[at_persistent(at)]
			    .top_count[at / 8 % POSITIONS][at % 8];

	if (model.learned[serial]) {
		SAME(model.number[serial] == number);
		return;
	}
	SAME((int64_t)number > *top); /* No count is used twice. */
	*top = (int64_t)number;
	model.learned[serial] = true;
	model.number[serial] = number;
}

static void
learn_call(uint32_t serial, uint64_t number)
{
	if (model.learned[serial]) {
		SAME(model.number[serial] == number);
		return;
	}
	SAME(number > model.last_call); /* F1: never reused. */
	model.last_call = number;
	model.learned[serial] = true;
	model.number[serial] = number;
}

/* --- Capabilities ---------------------------------------------------------- */

static bool
is_object(unsigned kind)
{
	return (kind >= CK_PAGE && kind <= CK_START) || kind == CK_NOTICE ||
	    kind == CK_FORWARDER;
}

/* May it lie there as void by now? */
static bool
is_dead(const struct mcap *c)
{
	struct mcap alive = cap_now(c);

	if (c->kind == CK_RESUME || c->kind == CK_RESTART)
		return !answers(c);
	return c->kind != CK_BOOTSVC && alive.kind == CK_VOID;
}

static void
same_cap(const struct cap *k, struct mcap *m)
{
	if (k->type == CK_VOID && m->kind != CK_VOID) {
		SAME(is_dead(m));
		*m = (struct mcap){.kind = CK_VOID};
		return;
	}
	SAME(k->type == m->kind);
	switch (m->kind) {
	case CK_VOID:
		return;
	case CK_NUMBER:
		SAME(k->word == m->low && k->count == m->high);
		return;
	case CK_RANGE:
		SAME(cap_range_first(k) == m->low);
		SAME(cap_range_length(k) == m->length);
		SAME(k->rights == m->rights);
		return;
	case CK_RESUME:
	case CK_RESTART:
		SAME(cap_oid(k).v >> OID_INDEX_BITS == frame_number_of(m->at));
		SAME(oid_index(cap_oid(k)) == m->at % 8);
		learn_call(m->serial, cap_call_number(k));
		return;
	default:
		break;
	}
	SAME(k->rights == m->rights);
	SAME(k->data == m->data);
	if (!is_object(m->kind)) {
		SAME(k->count == m->high);
		return;
	}
	SAME(cap_oid(k).v >> OID_INDEX_BITS == frame_number_of(m->at));
	SAME(oid_index(cap_oid(k)) == m->at % 8);
	if (model.learned[m->serial] || !is_dead(m))
		learn(m->serial, m->at, k->count);
}

/* --- Objects --------------------------------------------------------------- */

static uint64_t
flags_of(uint64_t rflags)
{
	return (rflags & 0xcd5) | 0x202;
}

static void
same_process(uint32_t at)
{
	const struct state_page *k = peek_state(at);
	struct mproc            *p = proc_at(at);
	struct registers         a, b;

	if (k == NULL)
		return;
	SAME(k->state == p->state);
	SAME(k->fault == p->fault);
	if (p->state == PS_WAITING)
		learn_call(p->call, k->call_number);
	if (p->fault != FAULT_NONE) {
		SAME(k->access == p->access);
		SAME(k->fault_address == p->address);
		SAME(k->fault_info == p->info);
	}
	a = k->regs;
	b = p->regs;
	a.rflags = flags_of(a.rflags);
	b.rflags = flags_of(b.rflags);
	for (unsigned i = 0; i < sizeof(a) / 8; i++) {
		if (((uint64_t *)&a)[i] != ((uint64_t *)&b)[i])
			wrong("register %u of process %u is %lx, not %lx", i,
			    at, ((uint64_t *)&a)[i], ((uint64_t *)&b)[i]);
	}
	SAME(k->fs_base == p->fs && k->gs_base == p->gs);
	SAME(memcmp(k->name, p->name, sizeof(p->name)) == 0);
	SAME(memcmp(k->xsave, frame_at(p->state_at)->data, XSAVE_BYTES) == 0);
}

static void
same_node(uint32_t at, const struct peek *k)
{
	const struct node_frame *n = k->data;
	struct mnode            *m = node_at(at);
	const unsigned           i = at % 8;

	SAME(n->node[i].role == m->role);
	learn(m->serial, at, n->node[i].count);
	if (!at_persistent(at))
		SAME(((n->node[i].flags & PF_RESIDENT) != 0) == is_resident(at));
	if (m->role == ROLE_FORWARDER) {
		SAME(n->node[i].word == m->word);
		SAME(((n->node[i].data & FORWARDER_BLOCKED) != 0) == m->blocked);
	}
	SAME(n->node[i].count <= k->count);
	for (unsigned s = 0; s < NODE_SLOTS; s++) {
		now.slot = s;
		same_cap(&n->slot[i][s], &m->slot[s]);
	}
	if (m->role == ROLE_PROCESS && is_whole(at))
		same_process(at);
}

static void
same_page(uint32_t at, const struct peek *k)
{
	const struct mframe *m = frame_at(at);

	learn(m->serial, at, k->count);
	if (m->kind == FK_PAGE)
		SAME(memcmp(k->data, m->data, PAGE_SIZE) == 0);
}

static void
same(uint32_t at)
{
	const struct peek    k = peek(frame_number_of(at));
	const struct mframe *f = frame_at(at);
	const struct frame  *resident = frame_find(frame_number_of(at));

	now.at = at;
	now.slot = 0;
	if (resident != NULL)
		SAME(frame_ok(resident));
	if (k.data == NULL || k.foreign)
		return;
	figures.compared++;
	if (k.kind != f->kind)
		wrong("frame %u is of kind %u, not %u", at / 8, k.kind, f->kind);
	switch (f->kind) {
	case FK_NODE:
		if (at % 8 < FRAME_NODES)
			same_node(at, &k);
		return;
	case FK_PAGE:
	case FK_STATE:
		same_page(at / 8 * 8 + OID_INDEX_FRAME, &k);
		return;
	default:
		return;
	}
}

void
compare_touched(void)
{
	for (unsigned i = 0; i < touched_count(); i++)
		same(touched(i));
	touched_clear();
}

void
compare_all(void)
{
	for (uint32_t f = 0; f < FRAMES; f++)
		for (unsigned i = 0; i < 8; i++)
			same(f * 8 + i);
}

void
invariants(void)
{
	for (uint32_t i = 0; i < mem.nframes; i++)
		if (!frame_ok(&mem.frame[i]))
			wrong("frame_ok of %u", i);
	for (uint32_t i = 0; i < activity_end(); i++)
		if (activity_at(i) != NULL && !activity_ok(activity_at(i)))
			wrong("activity_ok of %u", i);
	MUST(map_ok());
	MUST(device_ok());
	MUST(!cpu.loaded || process_ok(cpu.current));
}
