/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles to devices (S6). Each is a forwarder of one client's for one device,
 * by name or place, and lasts until it is closed: over restarts of the
 * driver, its removal, and power-off. Its target is what the server gave for
 * the driver that the device had then. When that is void, or of an earlier
 * boot, what is sent comes here, for we are the fallback: it is safe to do what
 * was asked, for nobody has heard it yet.
 *
 * The device has a driver again: the handle is turned to it, and the message
 * passed on as it is, with the client's own right to be answered. It has none:
 * RC_NOT_FOUND, and the handle is as good as before. While we are waiting for a
 * driver that is added (settle), RC_BUSY is the answer.
 *
 * Invariant: a handle's number is the data of its fallback, and is another's only
 * after its forwarder has been sold.
 */
#include "devdb/catalogue/catalogue.h"

#include <string.h>

#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.serve.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/slot.h"

_Static_assert(
    (int)HANDLES <= (int)NODE_SLOTS, "one node for their forwarders");

/* By whom what may be opened: the line that packages come in by, and no other.
 */
static bool
may_open(uint16_t facet, const char *name)
{
	return facet == PACKAGES_CONTROL ||
	    (facet == PACKAGES_SEND && strcmp(name, PACKAGES_LINE) == 0);
}

static struct handle *
find(uint16_t facet, const char *name)
{
	for (unsigned i = 0; i < HANDLES; i++) {
		struct handle *h = &catalogue.handle[i];

		if (h->device[0] != '\0' && h->facet == facet &&
		    strcmp(h->device, name) == 0)
			return h;
	}
	return NULL;
}

static struct handle *
unused(void)
{
	for (unsigned i = 0; i < HANDLES; i++)
		if (catalogue.handle[i].device[0] == '\0')
			return &catalogue.handle[i];
	return NULL;
}

/* The node of all of them, made with the first. */
static enum status
shelf(void)
{
	bool        present = false;
	enum status st = slot_get(REG_NODE, SLOT_HANDLES, REG_T0, &present);

	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, REG_T0);
	return st != RC_OK
	    ? st
	    : node_swap(REG_NODE, SLOT_HANDLES, REG_T0, REG_VOID);
}

/* A forwarder that leads to us until it is used. */
static enum status
make(unsigned i)
{
	enum status st = shelf();

	if (st == RC_OK)
		st = bank_node(REG_BANK, REG_T0);
	if (st == RC_OK)
		st = node_make_forwarder(REG_T0, REG_T0);
	if (st == RC_OK)
		st = process_make_start(
		    REG_PROCESS, PACKAGES_HOLDER + i, REG_T1);
	if (st == RC_OK)
		st = forwarder_set_fallback(REG_T0, REG_T1, REG_VOID);
	if (st != RC_OK)
		return st;
	ignore_status(node_get(REG_NODE, SLOT_HANDLES, REG_T2));
	return node_swap(REG_T2, i, REG_T0, REG_VOID);
}

bool
handle_device(const char *name)
{
	struct devdb_device d;
	uint64_t            count = 1;

	for (uint64_t i = 0; i < count; i++)
		if (devdb_device(REG_DEVDB, i, &d, sizeof(d), NULL, &count) ==
			RC_OK &&
		    strncmp(d.name, name, DEVDB_NAME) == 0)
			return true;
	return false;
}

static void
read_name(const struct request *rq, char *name)
{
	memset(name, 0, DEVDB_NAME);
	memcpy(name, rq->string,
	    rq->string_bytes < DEVDB_NAME ? rq->string_bytes : 0);
}

enum status
catalogue_do_open(struct request *rq)
{
	char           name[DEVDB_NAME];
	struct handle *h;
	enum status    st;

	read_name(rq, name);
	if (!may_open(rq->data, name))
		return RC_RIGHTS;
	h = find(rq->data, name);
	if (h == NULL) {
		if (!handle_device(name) &&
		    names_find(&catalogue.names, name) == NULL)
			return RC_NOT_FOUND;
		h = unused();
		if (h == NULL)
			return RC_LIMIT;
		st = make((unsigned)(h - catalogue.handle));
		if (st != RC_OK)
			return st;
		h->facet = rq->data;
		memcpy(h->device, name, sizeof(name));
	}
	st = held_get(SLOT_HANDLES, (unsigned)(h - catalogue.handle), REG_T0);
	if (st == RC_OK)
		st = forwarder_opaque(REG_T0, 0, REG_T0);
	rq->out_cap[0] = REG_T0;
	return st;
}

/* Its node is sold: whoever has it, and our own way to it, end with that. */
enum status
catalogue_do_close(struct request *rq)
{
	char           name[DEVDB_NAME];
	struct handle *h;
	unsigned       i;
	enum status    st;

	read_name(rq, name);
	if (!may_open(rq->data, name))
		return RC_RIGHTS;
	h = find(rq->data, name);
	if (h == NULL)
		return RC_NOT_FOUND;
	i = (unsigned)(h - catalogue.handle);
	st = held_get(SLOT_HANDLES, i, REG_T0);
	if (st == RC_OK)
		st = bank_free(REG_BANK, REG_T0);
	if (st == RC_OK)
		st = held_put(SLOT_HANDLES, i, REG_VOID);
	if (st == RC_OK)
		memset(h, 0, sizeof(*h));
	return st;
}

/* The driver that the device has now: the handle's target, and in REG_WORK. */
static enum status
turn(const struct handle *h)
{
	unsigned    i = (unsigned)(h - catalogue.handle);
	const char *path = names_path(h->device);
	enum status st = RC_NOT_FOUND;

	if (path != NULL)
		st = devdb_handle(REG_DEVDB, path, strlen(path), REG_WORK);
	if (st != RC_OK)
		return RC_NOT_FOUND;
	st = held_get(SLOT_HANDLES, i, REG_T0);
	return st != RC_OK ? st
			   : forwarder_set_target(REG_T0, REG_WORK, REG_VOID);
}

/* As it came, to REG_WORK; who is there answers the client, not us. */
static enum status
pass_on(const struct request *rq)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_WORK) |
		CONTROL_SEND(0, REG_IN0) | CONTROL_SEND(1, REG_IN1) |
		CONTROL_SEND(2, REG_IN2) | CONTROL_SEND(3, REG_RESUME),
	    .send = rq->string,
	    .send_bytes = message_bytes(rq->string_bytes),
	};

	for (unsigned i = 0; i < REQUEST_CAPS; i++)
		ignore_status(node_get(REG_NODE, SLOT_PASSED + i, REG_IN0 + i));
	ignore_status(node_get(REG_NODE, SLOT_CALLER, REG_RESUME));
	memcpy(m.word, rq->word, sizeof(m.word));
	return ant_call(&m);
}

enum status
handle_keep(void)
{
	enum status st = RC_OK;

	for (unsigned i = 0; i < REQUEST_CAPS && st == RC_OK; i++)
		st = node_swap(
		    REG_NODE, SLOT_PASSED + i, REG_IN0 + i, REG_VOID);
	return st;
}

enum status
handle_serve(struct request *rq)
{
	unsigned             i = rq->data - PACKAGES_HOLDER;
	const struct handle *h;
	enum status          st;

	if (rq->truncated)
		return RC_ARGUMENT;
	if (i >= HANDLES || catalogue.handle[i].device[0] == '\0')
		return RC_NOT_FOUND;
	h = &catalogue.handle[i];
	st = turn(h);
	if (st == RC_OK && pass_on(rq) == RC_OK)
		rq->kept = true;
	else
		st = RC_NOT_FOUND;
	for (unsigned k = 0; k < REQUEST_CAPS; k++)
		ignore_status(
		    node_swap(REG_NODE, SLOT_PASSED + k, REG_VOID, REG_VOID));
	return st;
}
