/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects: fetching, writing, making, killing.
 *
 * Invariants:
 *  1. The count of a frame is at least that of each node in it (S8), so that
 *     max + 1 is new to all of them.
 *  2. A count that has reached UINT32_MAX is never used again: the object is
 *     retired, and stays what no capability fits.
 *  3. Whatever kills capabilities has removed all mappings made through them,
 *     and flushed, before it returns (F2).
 */
#include "kernel/mem/object.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"
#include "kernel/sched/wait.h"

enum status
object_fetch(uint64_t number, struct frame **out)
{
	struct frame *f = frame_find(number);

	if (f == NULL)
		return is_persistent(number) ? pager_fetch(number)
					     : RC_NOT_FOUND;
	if (f->flags & FF_IO_IN)
		return wait_on(WAIT_FRAME, number);
	if (f->flags & FF_STAT) { /* Somebody wanted no more than its count. */
		f->held = 0;
		object_evict(f);
		return pager_fetch(number);
	}
	if (f->flags & FF_LOST)
		return RC_MEDIA;
	frame_hold(f);
	*out = f;
	return RC_OK;
}

enum status
object_prepare_write(struct frame **f)
{
	frame_hold(*f);
	if (frame_writable(*f))
		return RC_OK;
	if ((*f)->flags & FF_LOST)
		return RC_MEDIA;
	return epoch_first_write(f);
}

void
object_pin(struct frame *f)
{
	assert(f->pins < UINT16_MAX);
	f->pins++;
}

void
object_unpin(struct frame *f)
{
	assert(f->pins > 0);
	f->pins--;
}

/* --- Kinds -------------------------------------------------------------- */

void
object_set_kind(struct frame *f, enum frame_kind kind, uint32_t count)
{
	frame_changed(f);
	f->kind = (uint8_t)kind;
	f->count = count;
	f->flags &= (uint16_t)~(FF_FORCED | FF_LENT);
	f->state.activity = f->state.top = f->state.serial = NO_INDEX;
	if (kind == FK_PAGE)
		f->rmap = (struct rmap){0, NO_INDEX};
}

static void
nodes_init(struct frame *f)
{
	struct node_frame *n = frame_nodes(f);

	n->header = (struct frame_header){
	    .magic = NODE_FRAME_MAGIC,
	    .boot = mem.boot,
	    .oid = oid_make(f->number, OID_INDEX_FRAME).v,
	    .kind = FK_NODE,
	};
	for (unsigned i = 0; i < FRAME_NODES; i++)
		n->node[i].count = f->count;
}

/* An ephemeral number that has no frame gets one, as FK_FREE. */
static enum status
make_ephemeral(uint64_t number, enum frame_class class, struct frame **out)
{
	uint32_t      count = counts_get(number);
	struct frame *f = NULL;
	enum status   st;

	if (count == COUNT_RETIRED)
		return RC_NO_MEMORY;
	st = frame_alloc_raw(class, USE_OBJECT, &f);
	if (st != RC_OK)
		return st;
	frame_name(f, number);
	object_set_kind(f, FK_FREE, count);
	*out = f;
	return RC_OK;
}

enum status
object_make(uint64_t number, enum frame_kind kind, enum frame_class class,
    struct frame **out)
{
	struct frame *f = frame_find(number);
	enum status   st;

	debug_assert(kind == FK_PAGE || kind == FK_NODE || kind == FK_STATE);
	if (f == NULL && frame_source(number) == SOURCE_EPHEMERAL)
		st = make_ephemeral(number, class, &f);
	else
		st = object_fetch(number, &f);
	if (st != RC_OK)
		return st;
	if (f->kind != FK_FREE)
		return RC_STATE;
	if (f->count == COUNT_RETIRED)
		return RC_NO_MEMORY;
	st = object_prepare_write(&f);
	if (st != RC_OK)
		return st;
	memset(frame_data(f), 0, PAGE_SIZE);
	object_set_kind(f, kind, f->count);
	if (kind == FK_NODE)
		nodes_init(f);
	frame_hold(f);
	*out = f;
	return RC_OK;
}

/* --- Killing ------------------------------------------------------------ */

static uint32_t
next_count(uint32_t count)
{
	return count == COUNT_RETIRED ? count : count + 1;
}

/* Mappings of the frame and tables produced by it as a page. */
static void
page_unmap(struct frame *f)
{
	if (f->kind == FK_PAGE)
		map_frame_revoke(f);
	map_producer_dead(oid_make(f->number, OID_INDEX_FRAME));
}

void
object_rescind_page(struct frame *f)
{
	debug_assert(f->use == USE_OBJECT && frame_writable(f));
	debug_assert(f->kind == FK_PAGE || f->kind == FK_STATE);
	page_unmap(f);
	memset(frame_data(f), 0, PAGE_SIZE);
	f->count = next_count(f->count); /* A state page may have the last. */
	object_set_kind(
	    f, f->count == COUNT_RETIRED ? FK_FREE : FK_PAGE, f->count);
}

void
object_rescind_node(struct frame *f, unsigned index)
{
	struct node_frame  *n = frame_nodes(f);
	struct node_header *h = &n->node[index];
	oid                 id = oid_make(f->number, index);

	debug_assert(f->kind == FK_NODE && frame_writable(f));
	if (h->role == ROLE_PROCESS)
		mem.changes++; /* It is known by that no more. */
	map_node_changed(id);
	map_producer_dead(id);
	if (h->count != COUNT_RETIRED)
		h->count++;
	h->role = h->count == COUNT_RETIRED ? ROLE_COUNT : ROLE_DATA;
	h->flags = 0;
	h->data = 0;
	h->word = 0;
	memset(n->slot[index], 0, sizeof(n->slot[index]));
	if (h->count > f->count)
		f->count = h->count;
}

/*
 * Nothing maps it or a table made of it any more (map_number_thin), unless one is
 * loaded.
 */
static void
number_dead(uint64_t number)
{
	struct table *t = flush_loaded();

	mem.upper++;
	if (t != NULL && t->key.producer >> OID_INDEX_BITS == number)
		table_destroy(t);
}

void
object_make_state(struct frame *f)
{
	debug_assert(f->kind == FK_PAGE && frame_writable(f));
	debug_assert(rmap_first(f) == 0);
	number_dead(f->number);
	f->count++;
	object_set_kind(f, FK_STATE, f->count);
}

/* --- Giving back -------------------------------------------------------- */

/*
 * Absent ones are dropped without a fetch (S8): the store is asked for the
 * count alone, which stands in a frame without content until it is used.
 */
static enum status
drop_prepare(uint64_t number, struct frame *f)
{
	if (!is_persistent(number))
		return RC_NOT_FOUND;
	if (f != NULL && (f->flags & FF_STAT)) {
		if (f->flags & FF_LOST)
			return RC_MEDIA; /* Not even the count. */
		frame_hold(f);
		return pager_drop_prepare(number);
	}
	if (f != NULL) { /* Its content is lost and need not be read. */
		f->held = 0;
		object_evict(f);
	}
	return pager_stat(number);
}

enum status
object_free_prepare(uint64_t number)
{
	struct frame *f = frame_find(number);

	if (f != NULL && (f->flags & FF_IO_IN))
		return wait_on(WAIT_FRAME, number);
	if (f == NULL || (f->flags & (FF_LOST | FF_STAT)))
		return drop_prepare(number, f);
	if (f->pins > 0 || (f->flags & FF_DMA) || frame_loaded(f))
		return RC_BUSY;
	if (f->kind == FK_FREE && is_persistent(number))
		return RC_NOT_FOUND;
	return object_prepare_write(&f);
}

/* Of what only the count is here. */
static void
drop(uint64_t number, struct frame *f)
{
	uint32_t count = next_count(f->count);

	f->held = 0;
	object_evict(f);
	pager_drop(number, count);
}

void
object_free(uint64_t number)
{
	struct frame *f = frame_find(number);

	assert(f != NULL);
	number_dead(number);
	if (f->flags & FF_STAT) {
		drop(number, f);
		return;
	}
	debug_assert(frame_writable(f));
	if (f->kind != FK_FREE)
		f->count = next_count(f->count);
	memset(frame_data(f), 0, PAGE_SIZE);
	if (is_persistent(number)) {
		object_set_kind(f, FK_FREE, f->count);
		return;
	}
	counts_raise(number, f->count);
	frame_unname(f);
	frame_free(f);
}
