/* SPDX-License-Identifier: BSD-2-Clause */
/* The broker's jobs, against a driver that the test plays. */
#include "userland/broker/broker.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"

enum { PIECES = 4, DATA = PIECES * BROKER_PIECE, LINK = 1 };

static struct broker      broker;
static struct order_ring *ring;
static struct ring_end    requests, completions;

static int
init(void)
{
	ring = aligned_alloc(PAGE_SIZE, ORDER_DATA * PAGE_SIZE + DATA);
	return ring == NULL;
}

static int
cleanup(void)
{
	free(ring);
	return 0;
}

/* As a new instance of a driver begins. */
static void
instance(uint32_t generation)
{
	ring->control.data_bytes = DATA;
	ring->control.generation = generation;
	CU_ASSERT_EQUAL(broker_attach(&broker, LINK, ring, generation,
			    DATA / PAGE_SIZE),
	    RC_OK);
	CU_ASSERT_EQUAL(ring->control.client_generation, generation);
	ring_begin(&requests, &ring->control.request, ORDER_ENTRIES);
	ring_begin(&completions, &ring->control.completion, ORDER_ENTRIES);
	ring_want(&requests, true);
}

static void
begin(void)
{
	memset(&broker, 0, sizeof(broker));
	memset(ring, 0, ORDER_DATA * PAGE_SIZE + DATA);
	instance(1);
}

static struct job *
job(uint32_t op, uint32_t bytes)
{
	struct job *j = broker_job(&broker, LINK);

	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	j->op = op;
	j->bytes = bytes;
	j->gives = bytes != 0;
	return j;
}

/* What the driver finds; false if there is nothing. */
static bool
taken(struct order_request *rq)
{
	uint32_t ready = 0;

	CU_ASSERT_EQUAL(ring_ready(&requests, &ready), RC_OK);
	if (ready == 0)
		return false;
	*rq = ring->request[ring_place(&requests, 0)];
	ring_consume(&requests, 1);
	return true;
}

static void
done(uint64_t tag, enum status st, uint32_t bytes, uint64_t result)
{
	ring->completion[ring_place(&completions, 0)] =
	    (struct order_completion){
		.tag = tag,
		.status = (uint32_t)st,
		.bytes = bytes,
		.result = result,
	    };
	(void)!ring_produce(&completions, 1);
}

/* broker.1: in turn, with a piece of the data area each, as long as there are
 * pieces; the others when one is given back. */
static void
pieces_are_shared(void)
{
	struct order_request rq[PIECES + 1];
	struct job          *j[PIECES + 2];

	begin();
	for (unsigned i = 0; i < PIECES + 1; i++) {
		j[i] = job(7, 16);
		memset(j[i]->data, (int)i + 1, 16);
	}
	j[PIECES + 1] = job(8, 0);
	CU_ASSERT(broker_pump(&broker, LINK));
	for (unsigned i = 0; i < PIECES; i++) {
		CU_ASSERT_FATAL(taken(&rq[i]));
		CU_ASSERT_EQUAL(ring->data[rq[i].offset], i + 1);
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT_NOT_EQUAL(rq[i].offset, rq[k].offset);
	}
	CU_ASSERT_FALSE(taken(&rq[PIECES]));
	ring->data[rq[2].offset] = 99;
	done(rq[2].tag, RC_OK, 3, 5);
	CU_ASSERT(broker_pump(&broker, LINK));
	CU_ASSERT_EQUAL(j[2]->state, JOB_DONE);
	CU_ASSERT_EQUAL(j[2]->bytes, 3);
	CU_ASSERT_EQUAL(j[2]->result, 5);
	CU_ASSERT_EQUAL(j[2]->data[0], 99);
	CU_ASSERT_FATAL(taken(&rq[PIECES]));
	CU_ASSERT_EQUAL(rq[PIECES].offset, rq[2].offset);
	/* What needs no piece follows it. */
	CU_ASSERT_FATAL(taken(&rq[0]));
	CU_ASSERT_EQUAL(rq[0].op, 8);
}

/* broker.2: the next instance is given all that was open, and no other. */
static void
given_again(void)
{
	struct order_request rq;
	struct job          *first, *second;

	begin();
	first = job(1, 8);
	second = job(2, 0);
	(void)broker_pump(&broker, LINK);
	CU_ASSERT(taken(&rq));
	done(rq.tag, RC_OK, 8, 0);
	(void)broker_pump(&broker, LINK);
	CU_ASSERT_EQUAL(first->state, JOB_DONE);
	instance(2);
	(void)broker_pump(&broker, LINK);
	CU_ASSERT_FATAL(taken(&rq));
	CU_ASSERT_EQUAL(rq.op, 2);
	CU_ASSERT_FALSE(taken(&rq));
	CU_ASSERT_EQUAL(second->state, JOB_GIVEN);
}

/* broker.3: a driver that is gone for good ends what waits for it. */
static void
gone(void)
{
	struct job *j, *other;

	begin();
	j = job(1, 8);
	other = broker_job(&broker, LINK + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(other);
	(void)broker_pump(&broker, LINK);
	broker_fail(&broker, LINK, RC_NOT_FOUND);
	CU_ASSERT_EQUAL(j->state, JOB_DONE);
	CU_ASSERT_EQUAL(j->status, RC_NOT_FOUND);
	CU_ASSERT_EQUAL(other->state, JOB_WAITING);
	CU_ASSERT_FALSE(broker_open(&broker, LINK));
	CU_ASSERT(broker_open(&broker, LINK + 1));
}

/* broker.4: a driver that lies is not believed: no such job, more bytes than
 * asked for, an index beyond the ring. */
static void
a_driver_that_lies(void)
{
	struct order_request rq;
	struct job          *j;

	begin();
	j = job(1, 8);
	(void)broker_pump(&broker, LINK);
	CU_ASSERT(taken(&rq));
	done(rq.tag, RC_OK, UINT32_MAX, 0);
	(void)broker_pump(&broker, LINK);
	CU_ASSERT_EQUAL(j->bytes, 8);
	j->state = JOB_FREE;
	for (unsigned kind = 0; kind < 3; kind++) {
		instance(2 + kind);
		(void)job(1, 8);
		(void)broker_pump(&broker, LINK);
		CU_ASSERT(taken(&rq));
		if (kind == 0)
			done(BROKER_JOBS, RC_OK, 0, 0);
		else if (kind == 1)
			done(rq.tag + 5, RC_OK, 0, 0);
		else
			ring->control.completion.head = 5000;
		CU_ASSERT_FALSE(broker_pump(&broker, LINK));
		CU_ASSERT_FALSE(broker.link[LINK].watch.connected);
		broker_fail(&broker, LINK, RC_DEVICE);
		memset(broker.job, 0, sizeof(broker.job));
	}
}

/* broker.5: there is an end to the places, for each class of its own. */
static void
no_place(void)
{
	begin();
	for (unsigned i = 0; i < BROKER_SHARE; i++)
		(void)job(1, 0);
	CU_ASSERT_PTR_NULL(broker_job(&broker, LINK));
	CU_ASSERT_PTR_NOT_NULL(broker_job(&broker, LINK + 1));
}

/* broker.6: a driver that says more of its data area than is mapped gets
 * nothing, and who waits for it is told; its successor is not to blame. */
static void
pages_are_counted(void)
{
	struct job *j;

	begin();
	for (unsigned kind = 0; kind < 2; kind++) {
		j = job(1, 8);
		ring->control.generation = 2 + kind;
		ring->control.data_bytes = kind == 0 ? DATA + 1 : UINT32_MAX;
		CU_ASSERT_EQUAL(broker_attach(&broker, LINK, ring, 2 + kind,
				    DATA / PAGE_SIZE),
		    RC_CORRUPT);
		CU_ASSERT_EQUAL(j->state, JOB_DONE);
		CU_ASSERT_EQUAL(j->status, RC_DEVICE);
		CU_ASSERT_FALSE(broker_pump(&broker, LINK));
		j->state = JOB_FREE;
	}
	(void)job(1, 8);
	instance(4);
	CU_ASSERT(broker_pump(&broker, LINK));
}

/* broker.7: a driver that writes another generation into its ring is looked at
 * again later and not at once; if that does not help, who waits is told. */
static void
liars_are_put_off(void)
{
	struct job *j;

	begin();
	j = job(1, 8);
	ring->control.generation = 9;
	CU_ASSERT_EQUAL(broker_attach(&broker, LINK, ring, 1, 1), RC_STATE);
	CU_ASSERT(broker.link[LINK].watch.later);
	CU_ASSERT_EQUAL(j->state, JOB_WAITING);
	CU_ASSERT_FALSE(broker_pump(&broker, LINK));
	CU_ASSERT_EQUAL(broker_attach(&broker, LINK, ring, 1, 1), RC_STATE);
	CU_ASSERT_EQUAL(j->state, JOB_DONE);
	CU_ASSERT_EQUAL(j->status, RC_DEVICE);
	j->state = JOB_FREE;
	instance(2);
	CU_ASSERT_FALSE(broker.link[LINK].watch.later);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(pieces_are_shared),
    RUNNER_TEST(given_again),
    RUNNER_TEST(gone),
    RUNNER_TEST(a_driver_that_lies),
    RUNNER_TEST(no_place),
    RUNNER_TEST(pages_are_counted),
    RUNNER_TEST(liars_are_put_off),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {"broker", init, cleanup, tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
