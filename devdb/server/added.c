/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers that came in later: what the persistent catalogue asks (S7).
 *
 * It pushes records of fixed size against a quota, and we check them again. We
 * never call it: it is rung, and pulls. The image of such a driver is its
 * affair as well: it fills frames of a sub-bank that we give it with a quota,
 * and gives us the segment. Root node, stack, process and every capability of
 * the device are bought and installed by us, so that it never holds them. All
 * that a bad segment can do is to make its own driver fault.
 */
#include "devdb/server/server.h"

#include <string.h>

#include "kernel/abi/node.stub.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

static bool
from_catalogue(const struct request *rq)
{
	return rq->data == DEVDB_CATALOGUE;
}

void
catalogue_ring(void)
{
	if (system_get(SLOT_CATALOGUE, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

/* A sub-bank for the frames of the next process; the catalogue is asked. */
enum status
instance_want(struct instance *n)
{
	enum status st;

	if (!n->wanted) {
		st = grant_node(n);
		if (st == RC_OK)
			st = bank_sub_bank(
			    REG_BANK, DRIVER_FRAMES, REG_SUBBANK);
		if (st == RC_OK)
			st = inst_put(n, INST_SUBBANK, REG_SUBBANK);
		if (st != RC_OK)
			return st;
		n->ticket = ++server.tickets;
	}
	n->wanted = true;
	catalogue_ring();
	return RC_OK;
}

enum status
devdb_do_adopt(struct request *rq)
{
	if (!from_catalogue(rq))
		return RC_RIGHTS;
	return system_put(SLOT_CATALOGUE, REG_IN0);
}

/* A free row; those of the boot catalogue are never free. */
static struct catalogue_driver *
free_row(void)
{
	struct catalogue *c = &server.catalogue;
	unsigned          added = 0;

	for (unsigned i = 0; i < c->count; i++)
		added += c->driver[i].added;
	if (added == CATALOGUE_ADDED)
		return NULL;
	for (unsigned i = 0; i < c->count; i++)
		if (c->driver[i].name[0] == '\0')
			return &c->driver[i];
	return &c->driver[c->count++];
}

enum status
devdb_do_add(struct request *rq, uint64_t *bound)
{
	static struct catalogue_driver d; /* A copy: not on the stack. */
	struct catalogue_driver       *row;

	if (!from_catalogue(rq))
		return RC_RIGHTS;
	if (rq->string_bytes != sizeof(d))
		return RC_UNSUPPORTED;
	memcpy(&d, rq->string, sizeof(d));
	d.added = true;
	d.image = 0;
	if (record_wrong(&d) != NULL)
		return RC_ARGUMENT;
	if (catalogue_find(&server.catalogue, d.name) >= 0)
		return RC_EXISTS;
	row = free_row();
	if (row == NULL)
		return RC_LIMIT;
	*row = d;
	log_printf("devdb: driver %s was added\n", row->name);
	devices_give_way();
	*bound = devices_match();
	return RC_OK;
}

enum status
devdb_do_drop(struct request *rq)
{
	char name[DEVDB_NAME] = {0};
	int  i;

	if (!from_catalogue(rq))
		return RC_RIGHTS;
	memcpy(name, rq->string, rq->string_bytes);
	i = catalogue_find(&server.catalogue, name);
	if (i < 0 || !server.catalogue.driver[i].added)
		return RC_NOT_FOUND;
	for (unsigned k = 0; k < server.devices; k++)
		if (server.device[k].driver == i)
			device_unbind(&server.device[k]);
	memset(
	    &server.catalogue.driver[i], 0, sizeof(server.catalogue.driver[i]));
	log_printf("devdb: driver %s was removed\n", name);
	/* Another driver may want its devices now. */
	(void)devices_match();
	return RC_OK;
}

enum status
devdb_do_wanted(struct request *rq, uint64_t *instance, uint64_t *ticket)
{
	if (!from_catalogue(rq))
		return RC_RIGHTS;
	for (unsigned i = 0; i < server.instances; i++) {
		const struct instance *n = &server.instance[i];

		if (!n->used || !n->wanted)
			continue;
		if (inst_get(n, INST_SUBBANK, REG_IN0) != RC_OK)
			return RC_STATE;
		memcpy(rq->out_string, driver_of(n)->name, DEVDB_NAME);
		rq->out_bytes = DEVDB_NAME;
		rq->out_cap[0] = REG_IN0;
		*instance = i;
		*ticket = n->ticket;
		return RC_OK;
	}
	return RC_NOT_FOUND;
}

/* The instance that was asked for, if it still is. */
static struct instance *
find_wanted(uint64_t instance, uint64_t ticket)
{
	struct instance *n;

	if (instance >= server.instances)
		return NULL;
	n = &server.instance[instance];
	return n->used && n->wanted && n->ticket == ticket ? n : NULL;
}

enum status
devdb_do_build(struct request *rq, uint64_t instance, uint64_t ticket,
    uint64_t entry, uint64_t fs_base)
{
	struct instance *n = find_wanted(instance, ticket);
	enum status      st;

	if (!from_catalogue(rq))
		return RC_RIGHTS;
	if (n == NULL)
		return RC_STATE;
	st = inst_put(n, INST_IMAGE, REG_IN0);
	if (st != RC_OK)
		return st;
	n->entry = entry;
	n->fs_base = fs_base;
	n->wanted = false;
	n->supplied = true;
	n->policy.again = 0;
	return RC_OK;
}

enum status
devdb_do_fail(
    struct request *rq, uint64_t instance, uint64_t ticket, uint64_t cause)
{
	struct instance *n = find_wanted(instance, ticket);

	if (!from_catalogue(rq))
		return RC_RIGHTS;
	if (n == NULL)
		return RC_STATE;
	log_printf("devdb: %s at %s: its image cannot be built, status %u\n",
	    driver_of(n)->name, n->name, (unsigned)cause);
	n->cause = (uint32_t)cause;
	n->unbuilt = true;
	return RC_OK;
}

enum status
devdb_do_prefer(struct request *rq)
{
	struct devdb_preference p;

	if (!from_catalogue(rq))
		return RC_RIGHTS;
	memcpy(&p, rq->string, sizeof(p));
	p.device[DEVDB_NAME - 1] = p.driver[DEVDB_NAME - 1] = '\0';
	/* `dev why` shows it. */
	if (p.driver[0] != '\0' && !record_name_ok(p.driver))
		return RC_ARGUMENT;
	for (unsigned i = 0; i < server.devices; i++) {
		struct device *d = &server.device[i];

		if (d->board.name[0] == '\0' ||
		    strcmp(d->board.name, p.device) != 0)
			continue;
		memcpy(d->board.prefer, p.driver, sizeof(p.driver));
		devices_give_way();
		(void)devices_match();
		return RC_OK;
	}
	return RC_NOT_FOUND;
}
