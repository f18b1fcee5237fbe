/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/collection.h"

#include <string.h>

#include "userland/rt/registers.h"
#include "userland/rt/space.h"

void
collection_init(struct collection *c, unsigned slot)
{
	*c = (struct collection){
	    .table.record = space_address(slot),
	    .heap = {.slot = slot,
		.top = REG_OWN,
		.scratch = {REG_OWN + 2, REG_OWN + 3}},
	    .shelf = {.top = REG_OWN + 1,
		.scratch = {REG_OWN + 2, REG_OWN + 3}},
	};
}

/* What a new record needs, before there is one. */
static enum status
make_room(struct collection *c)
{
	struct table *t = &c->table;
	unsigned      pages;
	enum status   st = RC_OK;

	if (table_wants(t, &pages)) {
		st = heap_grow(&c->heap, pages);
		if (st == RC_OK)
			t->room = pages * PAGE_RECORDS;
	}
	return st == RC_OK
	    ? shelf_room(&c->shelf,
		  t->free != 0 ? (unsigned)t->free - 1 : t->known)
	    : st;
}

enum status
collection_have(
    struct collection *c, const void *key, size_t bytes, unsigned *at)
{
	unsigned    number;
	enum status st = table_find(&c->table, key, bytes, at);

	if (st == RC_OK)
		return st;
	st = make_room(c);
	return st == RC_OK ? table_add(&c->table, *at, key, bytes, &number)
			   : st;
}

enum status
collection_set_cap(struct collection *c, unsigned at, capreg value)
{
	struct record *r = table_record(&c->table, at);
	enum status    st;

	st = shelf_put(&c->shelf, c->table.order[at], value);
	if (st != RC_OK)
		return st;
	r->is_cap = true;
	r->data_bytes = 0;
	return RC_OK;
}

enum status
collection_set_data(
    struct collection *c, unsigned at, const void *data, size_t bytes)
{
	struct record *r = table_record(&c->table, at);
	enum status    st;

	st = shelf_put(&c->shelf, c->table.order[at], REG_VOID);
	if (st != RC_OK)
		return st;
	memcpy(r->data, data, bytes);
	r->data_bytes = (uint8_t)bytes;
	r->is_cap = false;
	return RC_OK;
}

enum status
collection_cap(struct collection *c, unsigned at, capreg to)
{
	return shelf_get(&c->shelf, c->table.order[at], to);
}

enum status
collection_remove(struct collection *c, unsigned at)
{
	enum status st = shelf_put(&c->shelf, c->table.order[at], REG_VOID);

	if (st == RC_OK)
		table_remove(&c->table, at);
	return st;
}
