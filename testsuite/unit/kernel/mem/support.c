/* SPDX-License-Identifier: BSD-2-Clause */
/* Spaces and objects to test with, and what other layers supply. */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"

bool     mmio_alive;
unsigned moves;
unsigned restart_pages;
bool     restart_ended;
uint64_t restart_call_number;

enum status
mmio_translate(const struct cap *c, uint64_t offset, struct map_device *out)
{
	if (!mmio_alive || c->type != CK_MMIO)
		return RC_VOID;
	if (offset >= 0x10000)
		return RC_ARGUMENT;
	*out = (struct map_device){
	    .page = {UINT64_C(0xfe000000) + (offset & ~UINT64_C(0xfff))},
	    .cache = CACHE_NONE,
	    .object = (uint32_t)frame_position(oid_frame(cap_oid(c))),
	};
	return RC_OK;
}

void
object_evicted(const struct frame *f)
{
	(void)f;
}

void
object_moved(const struct frame *from, struct frame *to)
{
	(void)from;
	(void)to;
	moves++;
}

void
restart_begin(uint64_t call_number, uint32_t npages)
{
	(void)npages;
	restart_call_number = call_number;
	restart_pages = 0;
	restart_ended = false;
}

void
restart_page(uint32_t i, const void *page)
{
	(void)i;
	(void)page;
	restart_pages++;
}

void
restart_end(void)
{
	restart_ended = true;
}

/* --- Objects -------------------------------------------------------------- */

static struct frame *
make(uint64_t position, enum frame_kind kind)
{
	struct frame *f = NULL;

	next_entry();
	if (object_make(frame_of(SOURCE_EPHEMERAL, position), kind, CLASS_ANY,
		&f) != RC_OK)
		return NULL;
	return f;
}

struct frame *
make_page(uint64_t position)
{
	return make(position, FK_PAGE);
}

struct frame *
make_nodes(uint64_t position)
{
	return make(position, FK_NODE);
}

struct cap *
slot_of(struct frame *nodes, unsigned node, unsigned slot)
{
	return &frame_nodes(nodes)->slot[node][slot];
}

struct cap
page_cap(const struct frame *f, unsigned rights)
{
	return cap_make(
	    CK_PAGE, rights, 0, f->count, oid_make(f->number, OID_INDEX_FRAME));
}

static struct cap
segment_cap(enum cap_kind kind, const struct frame *f, unsigned node,
    unsigned span, unsigned rights)
{
	return cap_make(kind, rights, span - 1,
	    frame_nodes(f)->node[node].count, oid_make(f->number, node));
}

struct cap
node_cap(const struct frame *f, unsigned node, unsigned span, unsigned rights)
{
	return segment_cap(CK_NODE, f, node, span, rights);
}

struct cap
guard_cap(const struct frame *f, unsigned node, unsigned span, unsigned rights)
{
	return segment_cap(CK_GUARD, f, node, span, rights);
}

bool
all_ok(void)
{
	for (uint32_t i = 0; i < mem.nframes; i++) {
		if (!frame_ok(&mem.frame[i]))
			return false;
	}
	return map_ok();
}

/* --- Spaces ----------------------------------------------------------------
 */

static uint64_t next_state = 1 << 20;

void
space_make(struct space *s, struct cap root)
{
	s->root = root;
	s->state = make(next_state++, FK_STATE);
	s->map = (struct map_space){&s->root, NULL, s->state, false};
}

unsigned hits_seen, faults_seen;

/*
 * What the short way says of a fault is what a whole walk says, if that finds
 * all nodes above in memory.
 */
static void
agree(const struct map_fault *a, enum status st, const struct map_fault *b)
{
	faults_seen++;
	if (st == ST_WAIT)
		return;
	CU_ASSERT_EQUAL_FATAL(st, ST_FAULT);
	CU_ASSERT_EQUAL(a->code, b->code);
	CU_ASSERT_EQUAL(a->guarded, b->guarded);
	if (!a->guarded || !b->guarded)
		return;
	CU_ASSERT_EQUAL(a->offset, b->offset);
	CU_ASSERT_EQUAL(a->rights, b->rights);
	CU_ASSERT_EQUAL(a->guard.type, b->guard.type);
	CU_ASSERT_EQUAL(a->guard.rights, b->guard.rights);
	CU_ASSERT_EQUAL(a->guard.count, b->guard.count);
	CU_ASSERT_EQUAL(cap_oid(&a->guard).v, cap_oid(&b->guard).v);
}

struct reach
space_access(struct space *s, uint64_t v, enum fault_access a)
{
	struct reach r = {.how = STUCK};

	next_entry();
	if (map_load(&s->map) != RC_OK) {
		r.how = WAITED;
		return r;
	}
	for (; r.served < 4; r.served++) {
		struct fake_access t = fake_touch(v, a);
		enum status        st;
		struct map_fault   known;
		enum map_hit       how;

		if (!t.fault) {
			r.how = REACHED;
			r.physical = t.physical;
			return r;
		}
		next_entry();
		how = map_hit(s->map.state, v, a, &known);
		if (how == HIT_SERVED) {
			hits_seen++;
			continue;
		}
		st = map_serve(&s->map, v, a, &r.fault);
		if (how == HIT_FAULT)
			agree(&known, st, &r.fault);
		if (st == ST_FAULT) {
			r.how = FAULTED;
			return r;
		}
		if (st != RC_OK || map_load(&s->map) != RC_OK) {
			r.how = WAITED;
			return r;
		}
	}
	return r;
}
