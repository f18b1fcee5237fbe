/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw clients of disks (uldrv/class/block.h): who gets a ring, and of which
 * sectors. That a client keeps to them is the mux's affair (uldrv/mux/block).
 *
 * Rings and data areas are pages of our own range: a client's death takes
 * nothing from the driver, and a driver's death nothing from the client. A
 * place is given anew only when the mux has said that nothing of its last
 * client is in flight, and with another ring (rings.c).
 */
#include "devdb/server/server.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/notice.h"
#include "userland/rt/slot.h"

enum {
	PAGES = BLOCK_PAGES + BLOCK_DATA_PAGES,
	RING_SPAN = 17,
	BELLS =
	    CONTROL_CLIENTS, /* Slot of the instance's node of raw clients. */
};

_Static_assert((int)PAGES <= (int)NODE_SLOTS, "one node for a ring");
_Static_assert((int)DEVDB_CLIENTS == (int)CONTROL_CLIENTS, "clients");
_Static_assert((int)CONTROL_CLIENT_PAGES == (int)BLOCK_DATA_PAGES, "area");

/* The instance that drives a disk, or NULL; also if no disk has this number. */
static struct instance *
driving(uint64_t disk)
{
	if (disk >= server.disks)
		return NULL;
	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used && server.instance[i].disk == disk)
			return &server.instance[i];
	return NULL;
}

static bool
may_open(const struct request *rq)
{
	return rq->data == DEVDB_RAW || facet_may(rq, DEVDB_CONTROL);
}

static struct raw_client *
raw_of(const struct instance *n, unsigned k)
{
	return &server.raw[n->disk][k];
}

/* --------------------------------------------------------------- pages */

/* The node of raw clients; bought with the first one. */
static enum status
raw_node(const struct instance *n, capreg to)
{
	bool        present = false;
	enum status st = inst_node(n, REG_RT);

	if (st == RC_OK)
		st = slot_get(REG_RT, INST_RAW, to, &present);
	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, to);
	return st != RC_OK ? st : inst_put(n, INST_RAW, to);
}

/* A node in a slot of that, bought once, in REG_T1. Uses REG_T0. */
static enum status
own_node(const struct instance *n, unsigned slot, unsigned span)
{
	bool        present = false;
	enum status st = raw_node(n, REG_T0);

	if (st == RC_OK)
		st = slot_get(REG_T0, slot, REG_T1, &present);
	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, REG_T1);
	if (st == RC_OK && span != 0)
		st = node_segment(REG_T1, span, REG_T1);
	return st != RC_OK ? st : node_swap(REG_T0, slot, REG_T1, REG_VOID);
}

/* The node in a slot of it; void if there is none. */
static enum status
raw_get(const struct instance *n, unsigned slot, capreg to)
{
	enum status st = inst_get(n, INST_RAW, to);

	return st != RC_OK ? st : node_get(to, slot, to);
}

/* A page of the data area, in REG_T2: where the device reaches it. */
static enum status
data_page(const struct instance *n, unsigned k, unsigned page)
{
	uint64_t    at = ring_position(raw_of(n, k)->ring, page);
	uint64_t   *address = &raw_of(n, k)->address[page - BLOCK_PAGES];
	enum status st = inst_get(n, INST_DMA, REG_T0);

	if (!n->plan.dma)
		return range_page(REG_T1, at, REG_T2);
	if (st == RC_OK)
		st = dma_page(REG_T0, at, REG_T1, REG_T2);
	/* An earlier attempt got so far. */
	if (st == RC_STATE)
		st = range_page(REG_T1, at, REG_T2);
	return st != RC_OK ? st : dma_map(REG_T0, REG_T2, address);
}

static enum status
grant_page(const struct instance *n, unsigned k, unsigned page)
{
	enum status st = system_get(SLOT_RANGE, REG_T1);

	if (st == RC_OK)
		st = page < BLOCK_PAGES
		    ? range_page(REG_T1,
			  ring_position(raw_of(n, k)->ring, page), REG_T2)
		    : data_page(n, k, page);
	if (st == RC_OK)
		st = raw_get(n, k, REG_T1);
	return st != RC_OK ? st : node_swap(REG_T1, page, REG_T2, REG_VOID);
}

/*
 * A client has had this ring: whoever comes next gets another. Nothing of that
 * client is in flight any more, so no device writes to it.
 */
static void
renew(const struct instance *n, unsigned k)
{
	struct raw_client *c = raw_of(n, k);

	if (n->plan.dma && inst_get(n, INST_DMA, REG_T0) == RC_OK)
		for (unsigned i = BLOCK_PAGES; i < c->pages; i++)
			ignore_status(
			    dma_unmap(REG_T0, c->address[i - BLOCK_PAGES]));
	ring_retire(&c->ring, NULL);
	c->pages = 0;
	c->given = false;
}

/* The ring of a place, made once; what is missing is made by the next try. */
static enum status
grant_raw(const struct instance *n, unsigned k)
{
	struct raw_client *c = raw_of(n, k);
	enum status        st;

	if (c->given)
		renew(n, k);
	st = ring_take(&c->ring);
	if (st == RC_OK)
		st = own_node(n, k, RING_SPAN);
	while (st == RC_OK && c->pages < PAGES) {
		st = grant_page(n, k, c->pages);
		if (st == RC_OK)
			c->pages++;
	}
	return st;
}

/* For people. */
static enum status
mark(const struct instance *n, unsigned k)
{
	static const uint32_t magic = BLOCK_MAGIC;
	enum status           st = raw_get(n, k, REG_T0);

	if (st == RC_OK)
		st = node_get(REG_T0, 0, REG_T0);
	return st != RC_OK ? st : page_write(REG_T0, 0, &magic, sizeof(magic));
}

/* -------------------------------------------------------- what is told */

/* The client sees the generation in its ring. */
static enum status
tell_client(const struct instance *n, unsigned k, uint32_t generation)
{
	enum status st = raw_get(n, k, REG_T0);

	if (st == RC_OK)
		st = node_get(REG_T0, 0, REG_T0);
	return st != RC_OK
	    ? st
	    : page_write(REG_T0, offsetof(struct block_control, generation),
		  &generation, sizeof(generation));
}

/* The mux sees who is there, and by the count that something has changed. */
static enum status
tell_mux(const struct instance *n, unsigned k)
{
	const struct raw_client *c = raw_of(n, k);
	struct control_client    given = {0};
	enum status              st = inst_get(n, INST_CONTROL, REG_T0);

	if (c->used)
		given = (struct control_client){
		    .generation = c->generation,
		    .writes = c->writes,
		    .first = c->first,
		    .sectors = c->sectors,
		};
	memcpy(given.address, c->address, sizeof(given.address));
	if (st == RC_OK)
		st = page_write(REG_T0,
		    offsetof(struct driver_control, given.client) +
			k * sizeof(given),
		    &given, sizeof(given));
	server.changes++;
	return st != RC_OK
	    ? st
	    : page_write(REG_T0, offsetof(struct driver_control, given.changes),
		  &server.changes, sizeof(server.changes));
}

static void
ring_bell(const struct instance *n, unsigned k)
{
	if (raw_get(n, BELLS, REG_T0) == RC_OK &&
	    node_get(REG_T0, k, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

static void
ring_driver(const struct instance *n)
{
	if (inst_get(n, INST_DOORBELL, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

/* The driver sees the ring of a place, and may ring who has it. */
static enum status
show(const struct instance *n, unsigned k)
{
	enum status st = inst_get(n, INST_PROCESS, REG_DRIVER);

	if (st == RC_OK)
		st = process_get(REG_DRIVER, SLOT_SPACE, REG_SPACE);
	if (st == RC_OK)
		st = raw_get(n, k, REG_T0);
	if (st == RC_OK)
		st = node_swap(
		    REG_SPACE, DRIVER_SLOT_CLIENT + k, REG_T0, REG_VOID);
	if (st == RC_OK)
		st = raw_get(n, BELLS, REG_T0);
	if (st == RC_OK)
		st = node_restrict(REG_T0, CR_READ_ONLY, REG_T0);
	return st != RC_OK
	    ? st
	    : process_swap(REG_DRIVER, DRIVER_REG_BELLS, REG_T0, REG_VOID);
}

/* ------------------------------------------------ over a driver's life */

/* The client finds its ring given up. */
static void
lose(const struct instance *n, unsigned k)
{
	raw_of(n, k)->used = false;
	ignore_status(tell_client(n, k, 0));
	ring_bell(n, k);
}

/*
 * A new instance is up: its raw clients begin their rings anew. The store does
 * not suffer for one with which that cannot be done.
 */
void
disk_attach(const struct instance *n)
{
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++) {
		struct raw_client *c = raw_of(n, k);
		enum status        st;

		if (!c->used)
			continue;
		c->generation = ++server.raw_generations;
		st = show(n, k);
		if (st == RC_OK)
			st = tell_mux(n, k);
		if (st == RC_OK)
			st = tell_client(n, k, c->generation);
		if (st != RC_OK)
			lose(n, k);
		ring_bell(n, k);
	}
}

/*
 * The disk is gone for good. No device reaches the rings any
 * more; whoever still maps one has a moment to see that it is over.
 */
void
disk_revoke(const struct instance *n)
{
	if (n->disk == NONE)
		return;
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++) {
		struct raw_client *c = raw_of(n, k);

		if (c->used)
			lose(n, k);
		ring_retire(&c->ring, NULL);
		if (raw_get(n, k, REG_T0) == RC_OK)
			ignore_status(bank_free(REG_BANK, REG_T0));
		*c = (struct raw_client){0};
	}
	if (raw_get(n, BELLS, REG_T0) == RC_OK)
		ignore_status(bank_free(REG_BANK, REG_T0));
	if (inst_get(n, INST_RAW, REG_T0) == RC_OK)
		ignore_status(bank_free(REG_BANK, REG_T0));
}

/* -------------------------------------------------------------- orders */

/*
 * A client whose process is destroyed has left a doorbell that is void, which
 * only ringing it tells; rings may come without cause.
 */
static bool
is_dead(const struct instance *n, unsigned k)
{
	struct message m = {.control = control_make(INVOKE_SEND, REG_T1)};

	if (!raw_of(n, k)->used || raw_get(n, BELLS, REG_T1) != RC_OK ||
	    node_get(REG_T1, k, REG_T1) != RC_OK)
		return false;
	ant_invoke_words(&m);
	return message_status(&m) == RC_VOID ||
	    message_status(&m) == RC_RESTARTED;
}

static void
describe_client(struct devdb_client *r, const struct raw_client *c,
    const struct control_client_said *said)
{
	if (!c->used)
		return;
	memcpy(r->label, c->label, sizeof(r->label));
	r->first = c->first;
	r->sectors = c->sectors;
	r->writes = c->writes;
	if (said->generation != c->generation)
		return;
	r->served = 1;
	r->broken = said->broken != 0;
	r->requests = said->requests;
	r->errors = said->errors;
	r->bytes = said->bytes;
}

/* What the store has said of the disk; nothing, if it cannot be read. */
static struct block_claim
claim_of(const struct instance *n)
{
	struct block_claim claim = {0};

	if (inst_get(n, INST_RING_NODE, REG_T0) != RC_OK ||
	    node_get(REG_T0, 0, REG_T0) != RC_OK ||
	    page_read(REG_T0, offsetof(struct block_control, claim),
		sizeof(claim), &claim, sizeof(claim), NULL) != RC_OK)
		claim = (struct block_claim){0};
	return claim;
}

bool
disk_has_volume(const struct device *d)
{
	for (unsigned i = 0; i < server.instances; i++) {
		const struct instance *n = &server.instance[i];
		struct block_claim     claim;

		if (!n->used || n->disk == NONE ||
		    &server.device[n->device] != d)
			continue;
		claim = claim_of(n);
		if (claim.decided != 0 && claim.sectors != 0)
			return true;
	}
	return false;
}

static void
describe(struct devdb_disk *r, const struct instance *n)
{
	struct control_said said = server_said(n);
	struct block_claim  claim = claim_of(n);

	memcpy(r->device, n->name, sizeof(r->device));
	memcpy(r->driver, driver_of(n)->name, sizeof(r->driver));
	r->sectors = said.sectors;
	r->up = n->running && n->attached && said.state == CONTROL_UP;
	r->serial = server.disk[n->disk];
	r->decided = claim.decided != 0;
	r->claim_first = claim.first;
	r->claim_sectors = claim.sectors;
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
		if (!is_dead(n, k))
			describe_client(
			    &r->client[k], raw_of(n, k), &said.client[k]);
}

enum status
devdb_do_disk(struct request *rq, uint64_t index, uint64_t *count)
{
	const struct instance *n = driving(index);
	struct devdb_disk      r = {.sectors = 0};

	*count = server.disks;
	if (index >= server.disks)
		return RC_NOT_FOUND;
	if (n != NULL)
		describe(&r, n);
	memcpy(rq->out_string, &r, sizeof(r));
	rq->out_bytes = sizeof(r);
	return RC_OK;
}

static void
leave(const struct instance *n, unsigned k)
{
	raw_of(n, k)->used = false;
	ignore_status(tell_mux(n, k));
	if (raw_get(n, BELLS, REG_T0) == RC_OK)
		ignore_status(node_swap(REG_T0, k, REG_VOID, REG_VOID));
	ring_driver(n);
}

/* A place that nobody has, and of whose last client nothing is in flight. */
static enum status
free_place(const struct instance *n, unsigned *place)
{
	struct control_said said;
	enum status         st = RC_LIMIT;

	for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
		if (is_dead(n, k))
			leave(n, k);
	said = server_said(n);
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++) {
		if (raw_of(n, k)->used)
			continue;
		*place = k;
		if (said.client[k].generation == 0)
			return RC_OK;
		st = RC_BUSY;
	}
	return st;
}

static enum status
open_check(const struct request *rq, const struct instance *n, uint64_t first,
    uint64_t sectors, uint64_t flags)
{
	struct control_said said;

	if (!may_open(rq))
		return RC_RIGHTS;
	if (n == NULL)
		return RC_NOT_FOUND;
	said = server_said(n);
	if (!n->running || !n->attached || n->doomed ||
	    said.state != CONTROL_UP)
		return RC_STATE;
	if (sectors == 0 || first >= said.sectors || flags > DEVDB_WRITES)
		return RC_ARGUMENT;
	return RC_OK;
}

/* The client's doorbell stands where the driver finds it. */
static enum status
keep_bell(const struct instance *n, unsigned k)
{
	enum status st = own_node(n, BELLS, 0);

	if (st == RC_OK)
		st = system_get(SLOT_BELL, REG_T0);
	if (st == RC_OK)
		st = node_swap(REG_T1, k, REG_T0, REG_VOID);
	return st != RC_OK ? st : system_put(SLOT_BELL, REG_VOID);
}

/* A ring for the place, blank, that the driver sees and can answer to. */
static enum status
prepare(const struct instance *n, unsigned k)
{
	enum status st = keep_bell(n, k);

	if (st == RC_OK)
		st = grant_raw(n, k);
	if (st == RC_OK)
		st = mark(n, k);
	return st != RC_OK ? st : show(n, k);
}

/* Ring and the driver's doorbell, for the client. */
static enum status
hand_out(struct request *rq, const struct instance *n, unsigned k)
{
	enum status st = raw_get(n, k, REG_T1);

	if (st == RC_OK)
		st = ring_show(raw_of(n, k)->ring, REG_T1, RING_SPAN, REG_IN0);
	if (st == RC_OK)
		st = inst_get(n, INST_DOORBELL, REG_IN1);
	if (st != RC_OK)
		return st;
	rq->out_cap[0] = REG_IN0;
	rq->out_cap[1] = REG_IN1;
	return RC_OK;
}

enum status
devdb_do_disk_open(struct request *rq, uint64_t disk, uint64_t first,
    uint64_t sectors, uint64_t flags, uint64_t *generation, uint64_t *client,
    uint64_t *serial)
{
	struct instance  *n = driving(disk);
	struct raw_client c = {
	    .used = true,
	    .writes = (flags & DEVDB_WRITES) != 0,
	    .first = first,
	    .sectors = sectors,
	};
	unsigned    k = 0;
	enum status st = system_put(SLOT_BELL, REG_IN0);

	/* From here on all registers are ours. */
	if (st == RC_OK)
		st = open_check(rq, n, first, sectors, flags);
	if (st == RC_OK)
		st = free_place(n, &k);
	if (st == RC_OK)
		st = prepare(n, k);
	if (st != RC_OK)
		return st;
	c.generation = ++server.raw_generations;
	c.ring = raw_of(n, k)->ring;
	c.given = true;
	c.pages = raw_of(n, k)->pages;
	memcpy(c.address, raw_of(n, k)->address, sizeof(c.address));
	snprintf(c.label, sizeof(c.label), "%.*s", (int)rq->string_bytes,
	    (const char *)rq->string);
	*raw_of(n, k) = c;
	st = tell_client(n, k, c.generation);
	if (st == RC_OK)
		st = tell_mux(n, k);
	if (st == RC_OK)
		st = hand_out(rq, n, k);
	if (st != RC_OK)
		leave(n, k);
	*generation = c.generation;
	*client = k;
	*serial = server.disk[n->disk];
	return st;
}

enum status
devdb_do_disk_close(
    struct request *rq, uint64_t disk, uint64_t client, uint64_t generation)
{
	const struct instance *n = driving(disk);

	if (!may_open(rq))
		return RC_RIGHTS;
	if (n == NULL || client >= CONTROL_CLIENTS ||
	    !raw_of(n, (unsigned)client)->used ||
	    raw_of(n, (unsigned)client)->generation != generation)
		return RC_NOT_FOUND;
	leave(n, (unsigned)client);
	return RC_OK;
}
