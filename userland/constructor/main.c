/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A constructor: one domain for each program. REG_NODE is the node in which
 * it keeps what products get, by register number.
 *
 * system.dts may give it the image (mapped at IMAGE_SLOT, its pages as the
 * argument) and what its products get; then it is sealed before it answers
 * the first request. Otherwise a builder gives all this, and has to: who holds
 * the start capability with data 1, or asks first.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/constructor/constructor.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.serve.h"
#include "userland/rt/space.h"

enum {
	IMAGE_SLOT = 1, /* Of the address space. */
	STACK_PAGES = 4,
};

static struct constructor constructor;
static bool               taken; /* The builder's capability is. */

/* RC_OK: the builder asks, and may still. */
static enum status
builder(const struct request *rq)
{
	if (rq->data != DATA_BUILDER)
		return RC_RIGHTS;
	return constructor.sealed ? RC_STATE : RC_OK;
}

enum status
constructor_do_image(struct request *rq, uint64_t bytes, uint64_t stack_pages)
{
	enum status st = builder(rq);

	if (st == RC_OK)
		st = space_map(IMAGE_SLOT, REG_IN0);
	if (st != RC_OK)
		return st;
	st = construct_image(&constructor, space_address(IMAGE_SLOT), bytes,
	    stack_pages, rq->string, rq->string_bytes);
	ignore_status(space_map(IMAGE_SLOT, REG_VOID));
	return st;
}

enum status
constructor_do_insert(struct request *rq, uint64_t register_number)
{
	enum status st = builder(rq);

	return st == RC_OK ? construct_insert(&constructor, register_number)
			   : st;
}

enum status
constructor_do_seal(struct request *rq)
{
	enum status st = builder(rq);

	return st == RC_OK ? construct_seal(&constructor) : st;
}

enum status
constructor_do_holes(struct request *rq, uint64_t *holes)
{
	(void)rq;
	*holes = construct_hole_count(&constructor);
	return constructor.sealed ? RC_OK : RC_STATE;
}

enum status
constructor_do_hole(struct request *rq, uint64_t index,
    uint64_t *register_number, uint64_t *kind, uint64_t *rights)
{
	(void)rq;
	if (!constructor.sealed)
		return RC_STATE;
	return construct_hole(
	    &constructor, index, register_number, kind, rights);
}

enum status
constructor_do_discreet(
    struct request *rq, uint64_t *discreet, uint64_t *others)
{
	enum status st = constructor.sealed ? RC_OK : RC_STATE;

	(void)rq;
	if (st == RC_OK)
		st = construct_others(&constructor, others);
	if (st == RC_OK)
		*discreet = *others == 0;
	return st;
}

enum status
constructor_do_branded(struct request *rq, uint64_t *product)
{
	enum status st = constructor.sealed ? RC_OK : RC_STATE;

	(void)rq;
	return st == RC_OK
	    ? discrim_branded(REG_DISCRIM, REG_IN0, REG_BRAND, product)
	    : st;
}

enum status
constructor_do_yield(struct request *rq)
{
	rq->out_cap[0] = REG_PRODUCT;
	return construct_yield(&constructor);
}

enum status
constructor_do_builder(struct request *rq)
{
	enum status st;

	if (taken || constructor.sealed)
		return RC_RIGHTS;
	st = process_make_start(REG_PROCESS, DATA_BUILDER, REG_PRODUCT);
	rq->out_cap[0] = REG_PRODUCT;
	taken = st == RC_OK;
	return st;
}

/* A product has no node yet, its capabilities arrive later. */
static enum status
have_node(void)
{
	uint64_t    kind = 0;
	enum status st;

	st = discrim_classify(REG_DISCRIM, REG_NODE, &kind, NULL, NULL);
	if (st != RC_OK || kind == CK_NODE)
		return st;
	/* What a product of a constructor finds there is that one's maker. */
	st = bank_node(REG_BANK, REG_RT);
	if (st == RC_OK)
		st = node_swap(REG_RT, MAKER_SLOT, REG_NODE, REG_VOID);
	if (st == RC_OK)
		st = process_swap(REG_PROCESS, REG_NODE, REG_RT, REG_VOID);
	return st;
}

/*
 * Begin with the first request, so that a start of the machine does not wait
 * for it; or try again, for the bank may have had nothing to sell. Leaves
 * alone REG_IN0 and REG_IN1, which are all that a request brings.
 */
static enum status
begin(void)
{
	static bool adopted;
	enum status st = have_node();

	if (st != RC_OK || ant_argument == 0 || constructor.sealed)
		return st;
	if (!adopted)
		st = construct_adopt(&constructor);
	adopted |= st == RC_OK;
	if (st == RC_OK && constructor.stack_pages == 0)
		st = construct_image(&constructor, space_address(IMAGE_SLOT),
		    ant_argument * PAGE_SIZE, STACK_PAGES, "product", 7);
	return st == RC_OK ? construct_seal(&constructor) : st;
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
	bool           begun = false;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			rq.status = begun ? RC_OK : begin();
			begun = rq.status == RC_OK;
			if (begun)
				rq.status = constructor_serve(&rq);
		}
		server_next(&sv, &rq);
	}
}
