/* SPDX-License-Identifier: BSD-2-Clause */
/* Suspending a driver and waking it, as the server sees it. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/irq.order.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/unit/devdb/kit.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.serve.h"
#include "uldrv/class/pci.order.h"

static struct driver_control *
control(const struct instance *n)
{
	return (void *)fake.object[fake_instance(n, INST_CONTROL)].page;
}

static void
says(const struct instance *n, enum control_state state)
{
	control(n)->said.state = state;
	control(n)->said.features = CONTROL_SUSPENDS;
}

/* An added driver of a char device that is up and has a client. */
static struct instance *
up(uint16_t *bell)
{
	struct catalogue_driver r = kit_record("late");
	struct request          rq = {.data = DEVDB_USE};
	uint64_t                bound, generation;

	(void)kit_lonely();
	CU_ASSERT_EQUAL_FATAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL_FATAL(kit_supply(), RC_OK);
	(void)instances_tick();
	says(&server.instance[0], CONTROL_UP);
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	*bell = fake.reg[REG_IN0];
	CU_ASSERT_EQUAL(
	    devdb_do_connect(&rq, DEVDB_CHAR, 0, &generation), RC_OK);
	(void)instances_tick();
	return &server.instance[0];
}

static enum status
asks(enum status (*order)(struct request *rq), uint16_t facet,
    const char *name)
{
	struct request rq = {
	    .data = facet, .string = name, .string_bytes = strlen(name)};

	return order(&rq);
}

static enum status
suspends(const struct instance *n)
{
	return asks(devdb_do_suspend, DEVDB_CONTROL, n->name);
}

static enum status
resumes(const struct instance *n)
{
	return asks(devdb_do_resume, DEVDB_CONTROL, n->name);
}

static uint16_t
rings(const struct instance *n)
{
	return fake.object[fake_instance(n, INST_PROCESS)]
	    .slot[DRIVER_REG_CLIENT];
}

static unsigned
shown(void)
{
	struct devdb_device d;
	struct request      rq = {.out_string = &d};
	uint64_t            count;

	CU_ASSERT_EQUAL(devdb_do_device(&rq, 0, &count), RC_OK);
	return d.state;
}

/*
 * server.power.1: it is asked, and rings us until it sleeps; then its device is
 * silenced, and its client has the bell again. Awake, all is as it was.
 */
static void
sleeps_and_wakes(void)
{
	uint16_t         bell;
	struct instance *n = up(&bell);

	CU_ASSERT_EQUAL(rings(n), bell);
	fake.logged = 0;
	CU_ASSERT_EQUAL(suspends(n), RC_OK);
	CU_ASSERT_EQUAL(control(n)->given.suspended, 1);
	CU_ASSERT_NOT_EQUAL(rings(n), bell);
	(void)instances_tick();
	CU_ASSERT_FALSE(n->quiet);
	CU_ASSERT_EQUAL(shown(), DEVDB_BOUND);
	CU_ASSERT_EQUAL(fake_when(FAKE_BUS, PCI_SILENCE), -1);
	says(n, CONTROL_SUSPENDED);
	(void)instances_tick();
	CU_ASSERT(n->quiet);
	CU_ASSERT_EQUAL(shown(), DEVDB_SUSPENDED);
	CU_ASSERT(fake_when(FAKE_BUS, PCI_SILENCE) >= 0);
	CU_ASSERT(fake_when(FAKE_IRQ, IRQ_MASK) >= 0);
	CU_ASSERT_EQUAL(rings(n), bell);
	CU_ASSERT(fake_last_of(bell) >= 0);
	fake.logged = 0;
	CU_ASSERT_EQUAL(resumes(n), RC_OK);
	CU_ASSERT_EQUAL(control(n)->given.suspended, 0);
	CU_ASSERT(fake_when(FAKE_BUS, PCI_ENABLE) >= 0);
	/* The device hears and masters the bus before it is told. */
	CU_ASSERT(fake_when(FAKE_BUS, PCI_ENABLE) <
	    fake_last(FAKE_PROCESS, PROCESS_MAKE_NOTICE));
	CU_ASSERT_EQUAL(shown(), DEVDB_BOUND);
	CU_ASSERT_EQUAL(n->policy.restarts, 0);
}

/* server.power.2: who may, and of what. */
static void
refusals(void)
{
	uint16_t         bell;
	struct instance *n = up(&bell);

	CU_ASSERT_EQUAL(
	    asks(devdb_do_suspend, DEVDB_USE, n->name), RC_RIGHTS);
	CU_ASSERT_EQUAL(
	    asks(devdb_do_resume, DEVDB_HOLDER, n->name), RC_RIGHTS);
	CU_ASSERT_EQUAL(
	    asks(devdb_do_suspend, DEVDB_CONTROL, "nowhere"), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(resumes(n), RC_STATE);
	control(n)->said.features = 0;
	CU_ASSERT_EQUAL(suspends(n), RC_UNSUPPORTED);
	says(n, CONTROL_STARTING);
	CU_ASSERT_EQUAL(suspends(n), RC_STATE);
	says(n, CONTROL_UP);
	CU_ASSERT_EQUAL(suspends(n), RC_OK);
	CU_ASSERT_EQUAL(suspends(n), RC_EXISTS);
	/* Before it sleeps: the client has its bell back, nothing was off. */
	fake.logged = 0;
	CU_ASSERT_EQUAL(resumes(n), RC_OK);
	CU_ASSERT_EQUAL(rings(n), bell);
	CU_ASSERT_EQUAL(fake_when(FAKE_BUS, PCI_ENABLE), -1);
	device_unbind(&server.device[0]);
	CU_ASSERT_EQUAL(
	    asks(devdb_do_suspend, DEVDB_CONTROL,
		server.device[0].board.name),
	    RC_STATE);
}

/* server.power.3: the disk that everything is paged from stays awake. */
static void
paging_disk(void)
{
	struct instance    *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	struct block_claim  claim = {.first = 2048, .sectors = 100};
	uint8_t            *page;

	(void)instances_tick();
	snprintf(n->name, sizeof(n->name), "disk");
	says(n, CONTROL_UP);
	(void)instances_tick();
	CU_ASSERT(n->attached);
	page = fake.object[fake.object[fake_instance(n, INST_RING_NODE)]
			       .slot[0]]
		   .page +
	    offsetof(struct block_control, claim);
	/* The store has not looked, then it has found its volume there. */
	CU_ASSERT_EQUAL(suspends(n), RC_TAKEN);
	claim.decided = 1;
	memcpy(page, &claim, sizeof(claim));
	CU_ASSERT_EQUAL(suspends(n), RC_TAKEN);
	claim.sectors = 0;
	memcpy(page, &claim, sizeof(claim));
	CU_ASSERT_EQUAL(suspends(n), RC_OK);
	says(n, CONTROL_SUSPENDED);
	(void)instances_tick();
	CU_ASSERT(n->quiet);
	CU_ASSERT_EQUAL(rings(n), fake_instance(n, INST_CLIENT));
}

/*
 * server.power.4: the wish outlives the driver, and what is not awake when it is
 * taken back begins awake; another client changes nothing of it.
 */
static void
over_deaths(void)
{
	uint16_t         bell;
	struct instance *n = up(&bell);
	struct request   rq = {.data = DEVDB_USE};
	uint64_t         generation;

	CU_ASSERT_EQUAL(suspends(n), RC_OK);
	says(n, CONTROL_SUSPENDED);
	(void)instances_tick();
	CU_ASSERT(n->quiet);
	/* Somebody takes it over: that wakes nobody. */
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	CU_ASSERT_EQUAL(
	    devdb_do_connect(&rq, DEVDB_CHAR, 0, &generation), RC_STATE);
	(void)instances_tick();
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running && !n->quiet);
	CU_ASSERT_EQUAL(control(n)->given.suspended, 1);
	says(n, CONTROL_SUSPENDED);
	(void)instances_tick();
	CU_ASSERT(n->quiet);
	n->doomed = true;
	(void)instances_tick();
	CU_ASSERT_FALSE(n->running);
	CU_ASSERT_EQUAL(suspends(n), RC_EXISTS);
	CU_ASSERT_EQUAL(resumes(n), RC_OK);
	fake.now += UINT64_C(60000000000);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
	CU_ASSERT_EQUAL(control(n)->given.suspended, 0);
}

/* server.power.5: any invocation may fail; it can be done again. */
static void
any_failure(void)
{
	unsigned long i;

	for (i = 1; i < 500; i++) {
		uint16_t         bell;
		struct instance *n = up(&bell);
		bool             over;

		fake.calls = 0;
		fake.fail_at = i;
		fake.failure = RC_NO_MEMORY;
		(void)suspends(n);
		says(n, n->suspend ? CONTROL_SUSPENDED : CONTROL_UP);
		(void)instances_tick();
		(void)resumes(n);
		over = fake.calls < i;
		fake.fail_at = 0;
		if (over)
			break;
		if (n->doomed) {
			(void)instances_tick();
			fake.now += UINT64_C(60000000000);
			(void)instances_tick();
			(void)kit_supply();
			(void)instances_tick();
		}
		says(n, CONTROL_UP);
		(void)instances_tick();
		CU_ASSERT_FALSE(n->suspend);
		CU_ASSERT_EQUAL(suspends(n), RC_OK);
		says(n, CONTROL_SUSPENDED);
		(void)instances_tick();
		CU_ASSERT(n->quiet);
		CU_ASSERT_EQUAL(resumes(n), RC_OK);
		CU_ASSERT_FALSE(n->quiet);
	}
	CU_ASSERT(i > 20 && i < 500);
}

const struct runner_test power_tests[] = {
    RUNNER_TEST(sleeps_and_wakes),
    RUNNER_TEST(refusals),
    RUNNER_TEST(paging_disk),
    RUNNER_TEST(over_deaths),
    RUNNER_TEST(any_failure),
    {NULL, NULL},
};
