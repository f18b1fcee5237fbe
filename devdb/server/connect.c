/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is the client of a driver: of bytes, or of orders.
 *
 * A client is known by its doorbell. The same one, after another instance has
 * come, gets the same ring. Another one takes the driver over: what the last
 * client has given, and what the device may still do for him, must not reach
 * the next. So the instance is stopped, the ring's pages are left to the last
 * client until they end (rings.c), and a fresh instance gets a fresh ring. The
 * next client is told RC_STATE, and rung when that is there.
 */
#include "devdb/server/server.h"

#include <string.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

enum { RING_SPAN = 17 };

/*
 * The driver gets the client's doorbell, the client its own way to the ring
 * and a doorbell of the driver's. The client is rung once: what the driver said
 * until now went to who was there before.
 */
static enum status
connect_ring(struct request *rq, struct instance *n)
{
	enum status st;

	st = process_swap(REG_DRIVER, DRIVER_REG_CLIENT, REG_IN0, REG_VOID);
	if (st == RC_OK)
		notice_set(REG_IN0);
	if (st == RC_OK)
		st = inst_get(n, INST_RING_NODE, REG_T1);
	/* A ring of one page is given as that page. */
	if (st == RC_OK && devdb_has_bytes(driver_of(n)->class))
		st = node_get(REG_T1, 0, REG_IN0);
	else if (st == RC_OK)
		st = ring_show(n->ring, REG_T1, RING_SPAN, REG_IN0);
	if (st == RC_OK)
		st = doorbell_give(n, REG_IN1);
	if (st != RC_OK)
		return st;
	rq->out_cap[0] = REG_IN0;
	rq->out_cap[1] = REG_IN1;
	return RC_OK;
}

/* The index-th driver of a class that can be used; NULL if there is none. */
static struct instance *
find_class(uint64_t class, uint64_t index)
{
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *n = &server.instance[i];

		if (n->used && driver_of(n)->class == class &&
		    n->policy.run != DEVDB_RUN_STOPPED && index-- == 0)
			return n;
	}
	return NULL;
}

static bool
has_clients(unsigned class)
{
	return devdb_has_bytes(class) || devdb_has_orders(class);
}

enum status
devdb_do_handle(struct request *rq)
{
	char name[DEVDB_NAME] = {0};

	if (rq->data != DEVDB_CATALOGUE)
		return RC_RIGHTS;
	if (rq->string_bytes >= DEVDB_NAME)
		return RC_NOT_FOUND;
	memcpy(name, rq->string, rq->string_bytes);
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *n = &server.instance[i];

		if (!n->used || strcmp(n->name, name) != 0 ||
		    n->policy.run == DEVDB_RUN_STOPPED ||
		    !has_clients(driver_of(n)->class))
			continue;
		if (!n->granted)
			return RC_STATE;
		rq->out_cap[0] = REG_IN0;
		return handle_give(n, REG_IN0);
	}
	return RC_NOT_FOUND;
}

/*
 * Is this doorbell that of the client? If nobody can tell, it is not. Registers
 * 12 to 15 are the request's.
 */
static bool
is_client(const struct instance *n, capreg bell)
{
	uint64_t same = 0;

	return n->client && system_get(SLOT_DISCRIM, REG_SPACE) == RC_OK &&
	    inst_get(n, INST_CLIENT, REG_SUBBANK) == RC_OK &&
	    discrim_compare(REG_SPACE, REG_SUBBANK, bell, &same) == RC_OK &&
	    same != 0;
}

/* The last client is told; the rest follows when the instance is stopped. */
static enum status
take_over(struct instance *n)
{
	enum status st;

	st = inst_get(n, INST_CLIENT, REG_SPACE);
	if (st == RC_OK)
		st = inst_put(n, INST_CLIENT, REG_IN0);
	if (st != RC_OK)
		return st;
	ring_end(n, REG_SPACE);
	doorbell_end(n);
	n->taken_over = n->doomed = true;
	return RC_STATE;
}

void
ring_renew(struct instance *n)
{
	const struct catalogue_driver *d = driver_of(n);

	n->granted = false;
	if (inst_get(n, INST_DMA, REG_T0) == RC_OK)
		for (unsigned i = 0; i < n->data_granted; i++)
			ignore_status(dma_unmap(
			    REG_T0, n->dma_address[d->dma_pages + i]));
	n->data_granted = 0;
	ring_retire(&n->ring, n->plan.dma ? n : NULL);
}

/* By the facet the driver of a class, by a handle its own. */
static enum status
find_asked(const struct request *rq, uint64_t class, uint64_t index,
    struct instance **n)
{
	if (rq->data < DEVDB_HOLDER && !facet_may(rq, DEVDB_USE))
		return RC_RIGHTS;
	if (rq->data < DEVDB_HOLDER && !has_clients((unsigned)class))
		return RC_ARGUMENT;
	*n = rq->data >= DEVDB_HOLDER
	    ? handle_instance(rq->data - DEVDB_HOLDER)
	    : find_class(class, index);
	return *n != NULL ? RC_OK : RC_NOT_FOUND;
}

bool
instance_spoilt(const struct instance *n)
{
	return n->used && n->spoilt != 0 && n->spoilt == n->policy.generation;
}

enum status
devdb_do_accuse(
    struct request *rq, uint64_t class, uint64_t index, uint64_t generation)
{
	struct instance *n;
	enum status      st = find_asked(rq, class, index, &n);

	if (st != RC_OK)
		return st;
	if (!n->running || n->policy.generation != generation)
		return RC_STATE;
	if (!is_client(n, REG_IN0))
		return RC_RIGHTS;
	if (!instance_spoilt(n))
		log_printf("devdb: %s at %s: its client says that it has "
			   "broken its ring; 'drv restart %s' starts it anew\n",
		    driver_of(n)->name, n->name, n->name);
	n->spoilt = n->policy.generation;
	return RC_OK;
}

enum status
devdb_do_connect(
    struct request *rq, uint64_t class, uint64_t index, uint64_t *generation)
{
	struct instance *n;
	enum status      st = find_asked(rq, class, index, &n);

	if (st != RC_OK)
		return st;
	if (!n->running || !n->granted || n->doomed)
		return RC_STATE;
	if (n->client && !is_client(n, REG_IN0))
		return take_over(n);
	st = inst_put(n, INST_CLIENT, REG_IN0);
	if (st == RC_OK)
		st = inst_get(n, INST_PROCESS, REG_DRIVER);
	if (st != RC_OK)
		return st;
	n->client = true;
	*generation = n->policy.generation;
	return connect_ring(rq, n);
}
