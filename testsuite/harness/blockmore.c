/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the script of the block class does not ask, for it would take too long
 * under every fault: full queues, death under them, wrong grants, a client
 * that breaks the ring. The driver is seen through the ring alone.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/harness/client.h"

#define LONG_TIME (120 * SECOND)

enum { DEATHS = 24 };

/* An operation of one page, with a page of memory of its own. */
static struct client_op *
page_op(struct client *c, enum block_op op, unsigned n)
{
	struct client_op *o = client_new(c, op, n * 8);

	CU_ASSERT_PTR_NOT_NULL_FATAL(o);
	client_segment(o, c->h, n, 0, PAGE_SIZE);
	return o;
}

/* Fills the ring; each write has a content of its own. */
static void
issue_all(struct client *c, enum block_op op, struct client_op **all)
{
	for (unsigned n = 0; n < BLOCK_ENTRIES; n++) {
		memset(client_page(c->h, n), op == BLOCK_WRITE ? (int)n : 0xee,
		    PAGE_SIZE);
		all[n] = page_op(c, op, n);
		client_issue(c, all[n]);
	}
}

static void
all_done(struct client *c, enum block_op op, struct client_op **all)
{
	unsigned wrong = 0;

	for (unsigned n = 0; n < BLOCK_ENTRIES; n++) {
		const uint8_t *data = client_page(c->h, n);

		wrong += all[n]->open || all[n]->status != RC_OK ||
		    all[n]->bytes != PAGE_SIZE;
		if (op == BLOCK_READ)
			wrong += data[0] != n || data[PAGE_SIZE - 1] != n;
		client_release(all[n]);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(c->wrong, 0);
	CU_ASSERT_EQUAL(c->h->strays, 0);
}

static void
begin(struct client *c)
{
	struct harness *h = harness_open();

	harness_complaints = 0;
	CU_ASSERT_FATAL(client_open(c, h));
}

static void
end(struct client *c)
{
	CU_ASSERT_EQUAL(harness_complaints, 0);
	harness_close(c->h);
}

/* blocktest.deep.1: as many as the ring holds, written and read back. */
static void
full_queue(void)
{
	static struct client c;
	struct client_op    *all[BLOCK_ENTRIES];

	begin(&c);
	if (c.h->copies) {
		CU_ASSERT(true); /* The window holds 64 pages, no more. */
		end(&c);
		return;
	}
	for (int round = 0; round < 3; round++) {
		issue_all(&c, BLOCK_WRITE, all);
		CU_ASSERT(client_wait(&c, LONG_TIME));
		all_done(&c, BLOCK_WRITE, all);
		issue_all(&c, BLOCK_READ, all);
		CU_ASSERT(client_wait(&c, LONG_TIME));
		all_done(&c, BLOCK_READ, all);
	}
	end(&c);
}

/* blocktest.restart.1: death with a full queue, further on each time. */
static void
death_under_load(void)
{
	static struct client c;
	struct client_op    *all[BLOCK_ENTRIES];

	begin(&c);
	c.restarts_max = DEATHS;
	if (c.h->copies)
		c.restarts_max = 4;
	issue_all(&c, BLOCK_WRITE, all);
	CU_ASSERT(client_wait(&c, LONG_TIME));
	all_done(&c, BLOCK_WRITE, all);
	issue_all(&c, BLOCK_READ, all);
	for (unsigned i = 1; i < c.restarts_max; i++) {
		(void)harness_run(c.h, i * 150 * MICROSECOND);
		CU_ASSERT_FATAL(client_restart(&c));
	}
	CU_ASSERT(client_wait(&c, LONG_TIME));
	all_done(&c, BLOCK_READ, all);
	CU_ASSERT(c.reissued > 0);
	end(&c);
}

/*
 * blocktest.grant.1: memory that was not lent. The fake IOMMU refuses it; the
 * device may tell or not; the driver and other requests go on.
 */
static void
wrong_grant(void)
{
	static struct client c;
	struct client_op    *bad, *good;
	struct block_segment s;
	unsigned long        strays;

	begin(&c);
	if (c.h->copies) {
		/* A window's offset that is beyond it is refused. */
		bad = page_op(&c, BLOCK_READ, 0);
		bad->segment[0].address = 64 * PAGE_SIZE;
		client_issue(&c, bad);
		CU_ASSERT(client_wait(&c, LONG_TIME));
		CU_ASSERT_EQUAL(bad->status, RC_ARGUMENT);
		end(&c);
		return;
	}
	memset(client_page(c.h, 0), 0x11, PAGE_SIZE);
	bad = page_op(&c, BLOCK_READ, 0);
	client_issue(&c, bad);
	c.h->reach[DATA_FIRST] = REACH_NONE;
	good = page_op(&c, BLOCK_READ, 1);
	client_issue(&c, good);
	CU_ASSERT(client_wait(&c, LONG_TIME));
	CU_ASSERT_EQUAL(good->status, RC_OK);
	CU_ASSERT_EQUAL(client_page(c.h, 0)[0], 0x11);
	strays = c.h->strays;
	CU_ASSERT(strays > 0);
	client_release(bad);
	client_release(good);
	/* Beyond what the disk can address it is refused. */
	bad = page_op(&c, BLOCK_READ, 0);
	s = bad->segment[0];
	bad->segment[0].address = UINT64_MAX - 4095;
	client_issue(&c, bad);
	bad->segment[0] = s;
	CU_ASSERT(client_wait(&c, LONG_TIME));
	if (c.geometry.address_bits == 32)
		CU_ASSERT_EQUAL(bad->status, RC_UNSUPPORTED);
	end(&c);
}

/* blocktest.hostile.1: nonsense in every index, one after the other. */
static void
hostile_client(void)
{
	static struct client c;

	for (unsigned which = 0; which < 2; which++) {
		struct block_control *control;
		struct client_op     *op;

		begin(&c);
		control = &c.h->ring->control;
		op = page_op(&c, BLOCK_READ, 1);
		client_issue(&c, op);
		if (which == 0)
			control->request.head = 123456789;
		else
			control->completion.tail = 123456789;
		harness_ring(c.h);
		(void)harness_run(c.h, LONG_TIME);
		CU_ASSERT_STRING_EQUAL(
		    c.h->control->said.remark, "the client broke the ring");
		/* The next instance, with a ring begun anew, serves it. */
		CU_ASSERT_FATAL(client_restart(&c));
		CU_ASSERT(client_wait(&c, LONG_TIME));
		CU_ASSERT_EQUAL(op->status, RC_OK);
		end(&c);
	}
}

const struct runner_test block_more[] = {
    RUNNER_TEST(full_queue),
    RUNNER_TEST(death_under_load),
    RUNNER_TEST(wrong_grant),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(raw_transfers),
    RUNNER_TEST(raw_confined),
    RUNNER_TEST(raw_floods),
    RUNNER_TEST(raw_hostile),
    RUNNER_TEST(raw_deaf),
    RUNNER_TEST(raw_dies),
    RUNNER_TEST(raw_restarts),
    {NULL, NULL},
};
