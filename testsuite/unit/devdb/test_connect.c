/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is the client of a driver, and what is left to who was before him. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/unit/devdb/kit.h"
#include "uldrv/class/devdb.serve.h"
#include "uldrv/class/order.h"

enum { DATA = 4, PAGES = ORDER_DATA + DATA };

static struct driver_control *
control(const struct instance *n)
{
	return (void *)fake.object[fake_instance(n, INST_CONTROL)].page;
}

static void
starts(struct instance *n)
{
	(void)instances_tick();
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_FATAL(n->running);
}

/* A driver of orders, whose device reaches the data area. */
static struct instance *
driver_of_orders(void)
{
	struct catalogue_driver r = kit_record("late");
	struct instance        *n = &server.instance[0];
	uint64_t                bound;

	(void)kit_lonely();
	r.class = DEVDB_TEST;
	r.data_pages = DATA;
	CU_ASSERT_EQUAL_FATAL(kit_add(&r, &bound), RC_OK);
	starts(n);
	return n;
}

/* Someone, with what he was given and has kept. */
struct someone {
	uint16_t bell, node, page[PAGES];
};

static struct someone
someone(void)
{
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	return (struct someone){.bell = fake.reg[REG_IN0]};
}

static enum status
connects(struct someone *s)
{
	struct request rq = {.data = DEVDB_USE};
	uint64_t       generation = 0;
	enum status    st;

	fake.reg[REG_IN0] = s->bell;
	st = devdb_do_connect(&rq, DEVDB_TEST, 0, &generation);
	if (st != RC_OK)
		return st;
	s->node = fake.reg[rq.out_cap[0]];
	memcpy(s->page, fake.object[s->node].slot, sizeof(s->page));
	return RC_OK;
}

static bool
shares(const struct someone *a, const struct someone *b)
{
	for (unsigned i = 0; i < PAGES; i++)
		for (unsigned k = 0; k < PAGES; k++)
			if (a->page[i] == b->page[k])
				return true;
	return false;
}

/* The node that the driver has mapped. */
static uint16_t
mapped(const struct instance *n)
{
	uint16_t process = fake_instance(n, INST_PROCESS);

	return fake.object[fake.object[process].slot[SLOT_SPACE]]
	    .slot[DRIVER_SLOT_RING];
}

/* The driver sees these pages, and its device those of the data area. */
static bool
served(const struct instance *n, const struct someone *s)
{
	bool all = true;

	for (unsigned i = 0; i < PAGES; i++)
		all &= fake.object[mapped(n)].slot[i] == s->page[i];
	for (unsigned i = 0; i < DATA; i++)
		all &= fake.object[s->page[ORDER_DATA + i]].mapped &&
		    control(n)->given.dma_address[control(n)->given.dma_pages +
			i] == s->page[ORDER_DATA + i] * PAGE_SIZE;
	return all;
}

static uint32_t
generation_in(const struct someone *s)
{
	const struct order_control *c = (void *)fake.object[s->page[0]].page;

	return c->generation;
}

/*
 * connect.take-over.1, S6: who takes a driver over gets other pages, driver and
 * device know no others, and what the last client has kept ends.
 */
static void
s6_takes_over(void)
{
	struct instance *n = driver_of_orders();
	struct someone   a = someone(), b = someone();
	uint8_t          set = 0;

	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT(served(n, &a));
	CU_ASSERT_EQUAL(generation_in(&a), 1);
	set = n->ring;
	CU_ASSERT_EQUAL(connects(&b), RC_STATE);
	CU_ASSERT_EQUAL(generation_in(&a), 0);
	CU_ASSERT(fake_last_of(a.bell) >= 0);
	starts(n);
	/* It was no death. */
	CU_ASSERT_EQUAL(n->policy.restarts, 0);
	CU_ASSERT(fake_last_of(b.bell) >= 0);
	CU_ASSERT_EQUAL(connects(&b), RC_OK);
	CU_ASSERT_FALSE(shares(&a, &b));
	CU_ASSERT(served(n, &b));
	CU_ASSERT_EQUAL(generation_in(&b), 2);
	for (unsigned i = 0; i < PAGES; i++)
		CU_ASSERT_FALSE(fake.object[a.page[i]].mapped);
	/* The device may write there until the driver has reset it. */
	CU_ASSERT(server.ring[set - 1].held);
	fake.now += UINT64_C(5000000000);
	(void)instances_tick();
	CU_ASSERT_EQUAL(fake.object[a.page[0]].kind, FAKE_PAGE);
	control(n)->said.state = CONTROL_UP;
	(void)instances_tick();
	(void)instances_tick();
	for (unsigned i = 0; i < PAGES; i++)
		CU_ASSERT_EQUAL(fake.object[a.page[i]].kind, FAKE_VOID);
	CU_ASSERT_EQUAL(fake.object[a.node].kind, FAKE_VOID);
	CU_ASSERT(served(n, &b));
	/* And back again. */
	CU_ASSERT_EQUAL(connects(&a), RC_STATE);
	starts(n);
	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_FALSE(shares(&a, &b));
	CU_ASSERT(served(n, &a));
}

/* connect.again.1: the same client has the same ring after a restart. */
static void
same_client(void)
{
	struct instance *n = driver_of_orders();
	struct someone   a = someone(), before;

	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	before = a;
	n->doomed = true;
	(void)instances_tick();
	fake.now += UINT64_C(60000000000);
	starts(n);
	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_EQUAL(memcmp(a.page, before.page, sizeof(a.page)), 0);
	CU_ASSERT(served(n, &a));
	CU_ASSERT_EQUAL(generation_in(&a), 2);
	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_EQUAL(n->policy.generation, 2);
}

/*
 * connect.node.1: what a client puts into its node, or makes of it, changes
 * nothing for the driver, for us, and for itself when it connects again.
 */
static void
spoilt_node(void)
{
	struct instance *n = driver_of_orders();
	struct someone   a = someone(), spoilt;

	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_NOT_EQUAL(a.node, mapped(n));
	CU_ASSERT_NOT_EQUAL(a.node, fake_instance(n, INST_RING_NODE));
	spoilt = a;
	for (unsigned i = 0; i < PAGES; i++)
		fake.object[a.node].slot[i] = a.bell;
	CU_ASSERT(served(n, &a));
	n->doomed = true;
	(void)instances_tick();
	fake.now += UINT64_C(60000000000);
	starts(n);
	CU_ASSERT_EQUAL(generation_in(&a), 2);
	fake.object[a.node].kind = FAKE_PROCESS;
	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_EQUAL(memcmp(a.page, spoilt.page, sizeof(a.page)), 0);
	CU_ASSERT(served(n, &a));
}

/*
 * connect.take-over.2: any invocation may fail on the way. Whoever is the
 * client afterwards, he shares no page with who was before.
 */
static void
any_failure(void)
{
	unsigned long i;

	for (i = 1; i < 2000; i++) {
		struct someone a = someone(), b = someone();
		enum status    st = RC_STATE;
		bool           over;

		(void)driver_of_orders();
		CU_ASSERT_EQUAL_FATAL(connects(&a), RC_OK);
		fake.calls = 0;
		fake.fail_at = i;
		fake.failure = RC_NO_MEMORY;
		for (unsigned k = 0; k < 8 && st != RC_OK; k++) {
			st = connects(&b);
			fake.now += UINT64_C(60000000000);
			(void)instances_tick();
			(void)instances_tick();
			(void)kit_supply();
			(void)instances_tick();
		}
		over = fake.calls < i;
		fake.fail_at = 0;
		CU_ASSERT_EQUAL(st, RC_OK);
		CU_ASSERT_FALSE(shares(&a, &b));
		if (over)
			break;
	}
	CU_ASSERT(i > 100 && i < 2000);
}

/* connect.rings.1: without a ring no driver is started; with one it is. */
static void
no_ring_left(void)
{
	struct instance *n = driver_of_orders();
	struct someone   a = someone(), b = someone();

	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	for (unsigned i = 0; i < SERVER_RINGS; i++)
		server.ring[i].used = true;
	CU_ASSERT_EQUAL(connects(&b), RC_STATE);
	(void)instances_tick();
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_FALSE(n->running);
	CU_ASSERT_EQUAL(n->cause, RC_LIMIT);
	CU_ASSERT_EQUAL(connects(&b), RC_STATE);
	server.ring[SERVER_RINGS - 1].used = false;
	fake.now += UINT64_C(60000000000);
	starts(n);
	CU_ASSERT_EQUAL(connects(&b), RC_OK);
	CU_ASSERT_FALSE(shares(&a, &b));
}

static enum status
accuses(const struct someone *s, uint16_t facet, uint64_t generation)
{
	struct request rq = {.data = facet};

	fake.reg[REG_IN0] = s->bell;
	return devdb_do_accuse(&rq, DEVDB_TEST, 0, generation);
}

static uint8_t
shown_state(void)
{
	struct devdb_device r;
	struct request      rq = {.out_string = &r};
	uint64_t            count;

	CU_ASSERT_EQUAL(devdb_do_device(&rq, 0, &count), RC_OK);
	return r.state;
}

/*
 * connect.accuse.1: that a driver has broken its ring is said by its client
 * alone, and is seen until there is another instance.
 */
static void
spoilt_ring(void)
{
	struct instance *n = driver_of_orders();
	struct someone   a = someone(), b = someone();

	CU_ASSERT_EQUAL(accuses(&a, DEVDB_USE, 1), RC_RIGHTS);
	CU_ASSERT_EQUAL(connects(&a), RC_OK);
	CU_ASSERT_EQUAL(accuses(&b, DEVDB_USE, 1), RC_RIGHTS);
	CU_ASSERT_EQUAL(accuses(&a, DEVDB_LOOK, 1), RC_RIGHTS);
	CU_ASSERT_EQUAL(accuses(&a, DEVDB_USE, 2), RC_STATE);
	CU_ASSERT_EQUAL(shown_state(), DEVDB_BOUND);
	CU_ASSERT_EQUAL(accuses(&a, DEVDB_USE, 1), RC_OK);
	CU_ASSERT_EQUAL(shown_state(), DEVDB_SPOILT);
	/* By a handle, too; and once more is no more. */
	CU_ASSERT_EQUAL(accuses(&a, DEVDB_HOLDER, 1), RC_OK);
	CU_ASSERT_EQUAL(shown_state(), DEVDB_SPOILT);
	CU_ASSERT(n->running);
	CU_ASSERT_FALSE(n->doomed);
	n->doomed = true;
	(void)instances_tick();
	fake.now += UINT64_C(60000000000);
	starts(n);
	CU_ASSERT_EQUAL(shown_state(), DEVDB_BOUND);
	CU_ASSERT_EQUAL(accuses(&a, DEVDB_USE, 1), RC_STATE);
}

const struct runner_test connect_tests[] = {
    RUNNER_TEST(s6_takes_over),
    RUNNER_TEST(same_client),
    RUNNER_TEST(spoilt_node),
    RUNNER_TEST(any_failure),
    RUNNER_TEST(no_ring_left),
    RUNNER_TEST(spoilt_ring),
    {NULL, NULL},
};
