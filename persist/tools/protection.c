/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protection state of one generation: node frames are well formed, processes
 * and their state pages name each other, no capability comes from the future.
 */
#include "persist/tools/audit.h"

#include "kernel/abi/process.h"
#include "persist/format/record.h"
#include "persist/tools/show.h"

#include <string.h>

struct where {
	struct audit            *a;
	const struct generation *g;
};

/* The node frame that holds this OID's node, or NULL. */
static const struct node_frame *
node_frame(const struct where *w, oid o)
{
	struct map_leaf e = reader_object(w->a->r, w->g, oid_frame(o));

	if (frame_source(oid_frame(o)) != SOURCE_PERSISTENT ||
	    e.kind != FK_NODE)
		return NULL;
	return reader_block(w->a->r, map_get48(e.block));
}

static bool
names_node(const struct cap *c)
{
	return c->type == CK_NODE || c->type == CK_GUARD ||
	    c->type == CK_PROCESS || c->type == CK_START ||
	    c->type == CK_FORWARDER || c->type == CK_NOTICE;
}

static void
cap_check(const struct where *w, const struct cap *c, oid holder, unsigned slot)
{
	char                     text[SHOW_BYTES], o[SHOW_OID_BYTES];
	const struct node_frame *f;
	struct map_leaf          e;
	bool                     future = false;

	show_oid(holder, o);
	if (c->type >= CK_COUNT) {
		problem(w->a,
		    "node %s slot %u: unknown kind %u; the kernel "
		    "reads it as void",
		    o, slot, c->type);
		return;
	}
	if (frame_source(oid_frame(cap_oid(c))) != SOURCE_PERSISTENT)
		return;
	if (c->type == CK_PAGE) {
		e = reader_object(w->a->r, w->g, oid_frame(cap_oid(c)));
		future = c->count > e.count;
	} else if (names_node(c) && oid_index(cap_oid(c)) < FRAME_NODES) {
		f = node_frame(w, cap_oid(c));
		e = reader_object(w->a->r, w->g, oid_frame(cap_oid(c)));
		future = f != NULL
		    ? c->count > f->node[oid_index(cap_oid(c))].count
		    : c->count > e.count;
	}
	if (!future)
		return;
	show_cap(c, text);
	problem(
	    w->a, "node %s slot %u: %s comes from the future", o, slot, text);
}

/*
 * F3: a process and its state page name each other. Who may free frames may
 * free one of the two alone; then its count has gone up (S8), and it is no
 * damage.
 */
static void
process_check(
    const struct where *w, const struct node_frame *f, unsigned i, oid o)
{
	const struct cap        *c = &f->slot[i][SLOT_STATE];
	struct map_leaf          e = {.kind = FK_FREE};
	const struct state_page *s = NULL;
	char                     text[SHOW_OID_BYTES];

	show_oid(o, text);
	if (c->type == CK_PAGE) {
		e = reader_object(w->a->r, w->g, oid_frame(cap_oid(c)));
		if (e.kind == FK_STATE && e.count == c->count)
			s = reader_block(w->a->r, map_get48(e.block));
	}
	if (c->type == CK_PAGE && e.count > c->count)
		remark(w->a,
		    "process %s has lost its state page, which was freed: it "
		    "will not run (F3)",
		    text);
	else if (s == NULL || s->node_oid != o.v ||
	    s->node_count != f->node[i].count)
		problem(w->a,
		    "process %s and its state page do not name each "
		    "other: it will not run (F3)",
		    text);
	if (f->slot[i][0].type != CK_VOID)
		problem(w->a, "process %s: register 0 is not void", text);
}

static void
frame_check(const struct where *w, const struct map_leaf *e, uint64_t frame,
    const struct node_frame *f)
{
	char text[SHOW_OID_BYTES];

	show_oid(oid_make(frame, OID_INDEX_FRAME), text);
	if (f->header.magic != NODE_FRAME_MAGIC || f->header.kind != FK_NODE ||
	    f->header.oid != oid_make(frame, OID_INDEX_FRAME).v) {
		problem(w->a, "node frame %s: its header is of something else",
		    text);
		return;
	}
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		oid o = oid_make(frame, i);

		if (f->node[i].count > e->count)
			problem(w->a,
			    "node frame %s: node %u has count %u, "
			    "the map only %u (S8)",
			    text, i, f->node[i].count, e->count);
		if (f->node[i].role >= ROLE_COUNT)
			problem(w->a, "node frame %s: node %u has role %u",
			    text, i, f->node[i].role);
		if (f->node[i].role == ROLE_PROCESS)
			process_check(w, f, i, o);
		for (unsigned k = 0; k < NODE_SLOTS; k++)
			cap_check(w, &f->slot[i][k], o, k);
	}
}

/* Has the node of this state page been freed since it was made? */
static bool
node_gone(const struct where *w, const struct state_page *s)
{
	const oid                o = {s->node_oid};
	const struct node_frame *f = node_frame(w, o);

	if (oid_index(o) >= FRAME_NODES)
		return false;
	if (f != NULL)
		return f->node[oid_index(o)].count > s->node_count;
	return frame_source(oid_frame(o)) == SOURCE_PERSISTENT &&
	    reader_object(w->a->r, w->g, oid_frame(o)).count > s->node_count;
}

static void
state_check(const struct where *w, const struct map_leaf *e, uint64_t frame,
    const struct state_page *s)
{
	const struct node_frame *f = node_frame(w, (oid){s->node_oid});
	unsigned                 i = oid_index((oid){s->node_oid});
	oid                      me = oid_make(frame, OID_INDEX_FRAME);
	char                     text[SHOW_OID_BYTES];

	show_oid(me, text);
	if (node_gone(w, s))
		remark(w->a, "state page %s: the node of its process was freed",
		    text);
	else if (f == NULL || i >= FRAME_NODES ||
	    f->node[i].role != ROLE_PROCESS ||
	    f->node[i].count != s->node_count ||
	    f->slot[i][SLOT_STATE].type != CK_PAGE ||
	    !oid_equal(cap_oid(&f->slot[i][SLOT_STATE]), me) ||
	    f->slot[i][SLOT_STATE].count != e->count)
		problem(w->a, "state page %s belongs to no process", text);
}

/* Freed, frame and all, maybe while it was on disk (S2). */
static bool
entry_gone(const struct where *w, const struct record_entry *r)
{
	const uint64_t frame = oid_frame((oid){r->oid});

	return frame_source(frame) == SOURCE_PERSISTENT &&
	    oid_index((oid){r->oid}) < FRAME_NODES &&
	    node_frame(w, (oid){r->oid}) == NULL &&
	    reader_object(w->a->r, w->g, frame).count > r->count;
}

static void
record_check(const struct where *w)
{
	for (uint32_t p = 0; p < w->g->record_pages; p++) {
		struct map_leaf e = reader_leaf(w->a->r, &w->g->record, p);
		const struct record_entry *r = reader_block(
		    w->a->r, map_get48(e.block));

		if (r == NULL || map_get48(e.block) == 0) {
			problem(w->a, "page %u of the running list is lost", p);
			continue;
		}
		if (p == 0 &&
		    (r->kind != RECORD_HEADER || r->oid != RECORD_MAGIC))
			problem(w->a, "the running list has no header");
		for (unsigned i = 0; i < RECORD_ENTRIES; i++) {
			const struct node_frame *f = node_frame(
			    w, (oid){r[i].oid});
			unsigned n = oid_index((oid){r[i].oid});

			if (r[i].kind == RECORD_RESERVE &&
			    (r[i].a | r[i].b) != 0 &&
			    (r[i].b == 0 || r[i].b > r[i].a))
				problem(w->a,
				    "running list, page %u entry %u: a reserve "
				    "of %lu ns in %lu",
				    p, i, r[i].b, r[i].a);
			if (r[i].kind < RECORD_RUNNING ||
			    r[i].kind == RECORD_RESERVE)
				continue;
			if (r[i].kind <= RECORD_IDLE && entry_gone(w, &r[i]))
				remark(w->a,
				    "running list, page %u entry %u: the "
				    "process %#lx was freed",
				    p, i, r[i].oid);
			else if (r[i].kind > RECORD_IDLE || f == NULL ||
			    n >= FRAME_NODES || f->node[n].count < r[i].count)
				problem(w->a,
				    "running list, page %u entry "
				    "%u: %#lx is no process",
				    p, i, r[i].oid);
		}
	}
}

void
audit_objects(struct audit *a, const struct generation *g)
{
	struct where                w = {a, g};
	const struct volume_header *h = a->r->header;

	for (uint64_t i = 0; i < h->data_blocks; i++) {
		const struct use *u = &a->use[i];
		struct map_leaf   e;
		const void       *data;

		/* Content of the newest generation, verified before. */
		if ((u->by >> (a->r->now->generations - 1) & 1) == 0 ||
		    u->level != 0 || u->bad ||
		    frame_source(u->key) != MAP_SOURCE_OBJECTS)
			continue;
		e = reader_object(a->r, g, u->key);
		data = reader_block(a->r, h->data_block + i);
		if (e.kind == FK_NODE)
			frame_check(&w, &e, u->key, data);
		else if (e.kind == FK_STATE)
			state_check(&w, &e, u->key, data);
	}
	record_check(&w);
}
