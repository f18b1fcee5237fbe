/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a package comes in: bytes into pages of a bank of their own, until it is
 * whole; checked where it lies; its image is copied out into pages that stay.
 */
#include "devdb/catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "uldrv/class/catalogue.serve.h"
#include "userland/rt/space.h"

void
stage_drop(void)
{
	if (node_get(REG_NODE, SLOT_STAGE_BANK, REG_T0) == RC_OK)
		segment_free(REG_T0);
	ignore_status(space_map(STAGE_SLOT, REG_VOID));
	ignore_status(node_swap(REG_NODE, SLOT_STAGE, REG_VOID, REG_VOID));
	ignore_status(node_swap(REG_NODE, SLOT_STAGE_BANK, REG_VOID, REG_VOID));
	catalogue.staged = 0;
	catalogue.pages = 0;
}

static enum status
stage_begin(void)
{
	enum status st;

	stage_drop();
	st = segment_new(PACKAGE_MOST / PAGE_SIZE, REG_T0, REG_T1);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_STAGE_BANK, REG_T0, REG_VOID);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_STAGE, REG_T1, REG_VOID);
	return st != RC_OK ? st : space_map(STAGE_SLOT, REG_T1);
}

/* Pages for so many bytes. */
static enum status
stage_room(uint32_t bytes)
{
	uint32_t    pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
	enum status st = node_get(REG_NODE, SLOT_STAGE_BANK, REG_T0);

	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_STAGE, REG_T1);
	if (st == RC_OK)
		st = segment_grow(REG_T0, REG_T1, catalogue.pages, pages);
	if (st == RC_OK && pages > catalogue.pages)
		catalogue.pages = pages;
	return st;
}

enum status
catalogue_do_stage(struct request *rq, uint64_t offset)
{
	uint32_t    end = catalogue.staged + (uint32_t)rq->string_bytes;
	enum status st = RC_OK;

	if (rq->data != PACKAGES_SEND)
		return RC_RIGHTS;
	if (offset == 0) {
		st = stage_begin();
		end = (uint32_t)rq->string_bytes;
	} else if (offset != catalogue.staged) {
		return RC_STATE;
	}
	if (st == RC_OK && end > PACKAGE_MOST)
		st = RC_LIMIT;
	if (st == RC_OK)
		st = stage_room(end);
	if (st != RC_OK) {
		stage_drop();
		return RC_LIMIT;
	}
	memcpy((uint8_t *)space_address(STAGE_SLOT) + catalogue.staged,
	    rq->string, rq->string_bytes);
	catalogue.staged = end;
	return RC_OK;
}

/* CRC-32 as Ethernet has it: against the line, not against malice. */
static uint32_t
crc32(const uint8_t *at, size_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= at[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

/* A place for it: that of an older package of its name, or a free one. */
static struct entry *
place_for(const char *name)
{
	struct entry *e = entry_find(name);

	if (e != NULL)
		return e;
	for (unsigned i = 0; i < PACKAGES; i++)
		if (catalogue.entry[i].about.state == PACKAGE_NONE)
			return &catalogue.entry[i];
	return NULL;
}

/* Copies the image out of the staged blob, into pages of its own. */
static enum status
keep_image(const struct entry *e, const struct package *p)
{
	uint32_t pages = (uint32_t)(p->image_bytes + PAGE_SIZE - 1) / PAGE_SIZE;
	unsigned i = entry_index(e);
	enum status st;

	if (held_get(SLOT_BANKS, i, REG_T0) == RC_OK)
		segment_free(REG_T0);
	st = segment_new(pages, REG_T0, REG_T1);
	if (st == RC_OK)
		st = held_put(SLOT_BANKS, i, REG_T0);
	if (st == RC_OK)
		st = held_put(SLOT_SEGMENTS, i, REG_T1);
	if (st == RC_OK)
		st = segment_grow(REG_T0, REG_T1, 0, pages);
	if (st == RC_OK)
		st = space_map(IMAGE_SLOT, REG_T1);
	if (st == RC_OK)
		memcpy(space_address(IMAGE_SLOT), p->image, p->image_bytes);
	return st;
}

static enum status
keep(struct entry *e, const struct package *p, const void *blob)
{
	uint64_t    wall = 0;
	enum status st;

	memset(e, 0, sizeof(*e));
	st = keep_image(e, p);
	if (st != RC_OK)
		return st;
	hash_bytes(p->image, p->image_bytes, e->about.hash);
	st = overlay_make(
	    blob, p, e->about.hash, e->overlay, sizeof(e->overlay));
	if (st != RC_OK)
		return st;
	ignore_status(clock_now(REG_CLOCK, NULL, NULL, &wall));
	e->record = p->record;
	snprintf(e->about.name, DEVDB_NAME, "%.31s", p->record.name);
	snprintf(e->about.title, DEVDB_TEXT, "%.63s", p->title);
	e->about.bytes = p->image_bytes;
	e->about.received = wall;
	e->about.state = PACKAGE_HERE;
	return RC_OK;
}

static enum status
take_in(struct request *rq)
{
	static struct package p;
	char                  why[PACKAGE_WHY];
	const void           *blob = space_address(STAGE_SLOT);
	struct entry         *e;
	enum status st = package_read(&p, blob, catalogue.staged, why);

	if (st != RC_OK) {
		catalogue_say(rq, "no driver package: %s", why);
		catalogue_note("a package was refused: %s", why);
		return st;
	}
	e = place_for(p.record.name);
	if (e == NULL) {
		catalogue_say(rq,
		    "the catalogue holds %u packages; 'drv forget NAME' "
		    "deletes one",
		    PACKAGES);
		return RC_LIMIT;
	}
	if (e->about.state == PACKAGE_ADDED ||
	    e->about.state == PACKAGE_TRYING) {
		catalogue_say(rq, "%s is in use; 'drv remove %s' first",
		    p.record.name, p.record.name);
		return RC_EXISTS;
	}
	st = keep(e, &p, blob);
	if (st != RC_OK) {
		memset(e, 0, sizeof(*e));
		catalogue_say(rq, "no room on the volume for its image");
		return st;
	}
	catalogue_note(
	    "%s was received, %lu bytes", e->about.name, e->about.bytes);
	catalogue_say(rq, "%s is here; 'drv add %s' starts it", e->about.name,
	    e->about.name);
	return RC_OK;
}

enum status
catalogue_do_receive(
    struct request *rq, uint64_t bytes, uint64_t crc, uint64_t *result)
{
	const uint8_t *blob = space_address(STAGE_SLOT);

	if (rq->data != PACKAGES_SEND)
		return RC_RIGHTS;
	if (catalogue.staged == 0 || bytes != catalogue.staged ||
	    crc32(blob, catalogue.staged) != crc) {
		catalogue_say(rq, "it did not arrive whole; send it again");
		*result = RC_CORRUPT;
	} else {
		*result = (uint64_t)take_in(rq);
	}
	stage_drop();
	return RC_OK;
}
