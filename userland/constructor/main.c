/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A constructor: one domain for each program. REG_NODE is the node in which
 * it keeps what products get, by register number.
 */
#include "kernel/abi/node.stub.h"
#include "userland/constructor/constructor.h"
#include "userland/rt/idl/constructor.serve.h"
#include "userland/rt/space.h"

enum {
	DATA_BUILDER = 1,
	IMAGE_SLOT = 1, /* Of the address space. */
};

static struct constructor constructor;

/* RC_OK: the builder asks, and may still. */
static enum status
builder(const struct request *rq)
{
	if (rq->data != DATA_BUILDER)
		return RC_RIGHTS;
	return constructor.sealed ? RC_STATE : RC_OK;
}

enum status
constructor_do_image(struct request *rq, uint64_t bytes)
{
	enum status st = builder(rq);

	if (st == RC_OK)
		st = space_map(IMAGE_SLOT, REG_IN0);
	if (st != RC_OK)
		return st;
	return constructor_image(&constructor, space_address(IMAGE_SLOT), bytes,
	    rq->string, rq->string_bytes);
}

enum status
constructor_do_insert(struct request *rq, uint64_t register_number)
{
	enum status st = builder(rq);

	if (st != RC_OK)
		return st;
	if (!constructor_register_ok(register_number))
		return RC_ARGUMENT;
	return node_swap(REG_NODE, register_number, REG_IN0, REG_VOID);
}

enum status
constructor_do_seal(struct request *rq)
{
	enum status st = builder(rq);

	if (st != RC_OK)
		return st;
	if (constructor.bytes == 0)
		return RC_STATE;
	constructor.sealed = true;
	return RC_OK;
}

enum status
constructor_do_holes(struct request *rq, uint64_t *holes)
{
	(void)rq;
	return constructor.sealed ? constructor_holes(holes) : RC_STATE;
}

enum status
constructor_do_yield(struct request *rq)
{
	rq->out_cap[0] = REG_PRODUCT;
	return constructor_yield(&constructor);
}

int
main(void)
{
	static uint8_t      received[PROGRAM_NAME];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = constructor_serve(&rq);
		server_next(&sv, &rq);
	}
}
