/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/process.h"
#include "kernel/abi/dma.order.h"
#include "kernel/abi/irq.order.h"
#include "kernel/abi/mmio.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.order.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/fakekernel.h"
#include "testsuite/unit/devdb/fixture.h"
#include "testsuite/unit/devdb/kit.h"
#include "uldrv/class/block_client.order.h"
#include "uldrv/class/devdb.serve.h"
#include "uldrv/class/pci.order.h"
#include "userland/rt/idl/bank.order.h"

static void
least_privilege(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	uint16_t         p;

	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	p = fake_instance(n, INST_PROCESS);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_LOG), FAKE_LOG);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_CLIENT), FAKE_NOTICE);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_CLOCK), FAKE_CLOCK);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_ALARM), FAKE_NOTICE);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_IRQ), FAKE_IRQ);
	for (unsigned r = DRIVER_REG_IRQ + 1; r < CAP_REGISTERS; r++)
		CU_ASSERT_EQUAL(fake_holds(p, r),
		    r == DRIVER_REG_DMA ? FAKE_DMA_LOOK : FAKE_VOID);
	CU_ASSERT_EQUAL(fake_holds(p, SLOT_IO), FAKE_VOID);
}

/* server.start.2: a channel's ports, the first of them in the I/O slot. */
static void
ports_of_a_channel(void)
{
	struct instance *n = kit_disk("ide", 0x8086, 0x7010, 1);
	uint16_t         p;

	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	p = fake_instance(n, INST_PROCESS);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(
		    fake_holds(p, DRIVER_REG_PORTS + i), FAKE_PORTS);
	CU_ASSERT_EQUAL(fake_holds(p, DRIVER_REG_PORTS + 3), FAKE_VOID);
	CU_ASSERT_EQUAL(fake_holds(p, SLOT_IO), FAKE_PORTS);
}

/* server.stop.1: silence, mask, stop, reset, and only then the memory. */
static void
the_kill_sequence(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	int              silence, mask, stop, reset, destroy;

	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	fake.logged = 0;
	instance_stop(n);
	silence = fake_when(FAKE_BUS, PCI_SILENCE);
	mask = fake_when(FAKE_IRQ, IRQ_MASK);
	stop = fake_when(FAKE_PROCESS, PROCESS_STOP);
	reset = fake_when(FAKE_BUS, PCI_RESET);
	destroy = fake_when(FAKE_SUBBANK, BANK_KILL);
	CU_ASSERT(silence >= 0 && silence < mask);
	CU_ASSERT(mask < stop && stop < reset && reset < destroy);
	/* Ring, DMA memory and device stay granted. */
	CU_ASSERT_NOT_EQUAL(fake_instance(n, INST_RING_NODE), 0);
	CU_ASSERT_NOT_EQUAL(fake_instance(n, INST_DMA), 0);
	CU_ASSERT_EQUAL(fake_instance(n, INST_PROCESS), 0);
}

/* server.start.3: any invocation may fail; the next attempt succeeds. */
static void
any_failure(const char *driver, uint16_t vendor, uint16_t id)
{
	unsigned long n;

	for (n = 1; n < 2000; n++) {
		struct instance *i = kit_disk(driver, vendor, id, 0);
		unsigned long    dma;

		fake.fail_at = n;
		fake.failure = RC_NO_MEMORY;
		if (instance_start(i) == RC_OK && fake.calls < n)
			break;
		instance_stop(i);
		fake.fail_at = 0;
		CU_ASSERT_EQUAL(instance_start(i), RC_OK);
		CU_ASSERT_EQUAL(instance_attach(i), RC_OK);
		dma = i->dma_granted;
		CU_ASSERT_EQUAL(dma, driver_of(i)->dma_pages);
		CU_ASSERT_EQUAL(
		    fake_holds(fake_instance(i, INST_PROCESS), DRIVER_REG_IRQ),
		    FAKE_IRQ);
	}
	CU_ASSERT(n > 50 && n < 2000);
}

static void
any_failure_virtio(void)
{
	any_failure("virtio-blk", 0x1af4, 0x1042);
}

static void
any_failure_ide(void)
{
	any_failure("ide", 0x8086, 0x7010);
}

/* server.restart.1: the same ring and disk number, the next generation. */
static void
restart_keeps_the_disk(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	uint16_t         ring, dma;
	uint8_t          number;

	(void)instances_tick();
	CU_ASSERT_EQUAL(n->policy.generation, 1);
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	ring = fake_instance(n, INST_RING_NODE);
	dma = fake_instance(n, INST_DMA);
	number = n->disk;
	n->doomed = true;
	(void)instances_tick();
	CU_ASSERT_EQUAL(n->policy.run, DEVDB_RUN_BACK_OFF);
	fake.now += SERVER_POSITIONS * UINT64_C(1000000000);
	(void)instances_tick();
	CU_ASSERT_EQUAL(n->policy.generation, 2);
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	CU_ASSERT_EQUAL(fake_instance(n, INST_RING_NODE), ring);
	CU_ASSERT_EQUAL(fake_instance(n, INST_DMA), dma);
	CU_ASSERT_EQUAL(n->disk, number);
}
/*
 * S7: an added driver's program is asked for, by a notice, and nothing waits
 * for the answer; its next instance is asked for again.
 */
static void
s7_added_is_asked_for(void)
{
	struct device          *d = kit_lonely();
	struct catalogue_driver r = kit_record("late");
	struct instance        *n = &server.instance[0];
	uint64_t                bound = 0;

	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	CU_ASSERT_EQUAL(bound, 1);
	(void)instances_tick();
	CU_ASSERT(n->wanted);
	CU_ASSERT_FALSE(n->running);
	CU_ASSERT_EQUAL(d->state, DEVDB_WAITING);
	CU_ASSERT_EQUAL(instances_tick(), UINT64_MAX);
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
	CU_ASSERT_EQUAL(d->state, DEVDB_BOUND);
	CU_ASSERT_EQUAL(
	    fake_holds(fake_instance(n, INST_PROCESS), DRIVER_REG_IRQ),
	    FAKE_IRQ);
	CU_ASSERT_EQUAL(kit_supply(), RC_NOT_FOUND);
	n->doomed = true;
	(void)instances_tick();
	fake.now += UINT64_C(60000000000);
	(void)instances_tick();
	CU_ASSERT(n->wanted);
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
}

/* S7: any invocation may fail on the way; a later attempt succeeds. */
static void
s7_added_failures(void)
{
	unsigned long k;

	for (k = 1; k < 2000; k++) {
		struct catalogue_driver r = kit_record("late");
		struct instance        *n = &server.instance[0];
		uint64_t                bound = 0;

		(void)kit_lonely();
		CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
		fake.calls = 0;
		fake.fail_at = k;
		fake.failure = RC_NO_MEMORY;
		(void)instances_tick();
		(void)kit_supply();
		(void)instances_tick();
		if (n->running && fake.calls < k)
			break;
		fake.fail_at = 0;
		for (unsigned i = 0; i < 4 && !n->running; i++) {
			fake.now += UINT64_C(60000000000);
			(void)instances_tick();
			(void)kit_supply();
			(void)instances_tick();
		}
		CU_ASSERT(n->running);
	}
	CU_ASSERT(k > 50 && k < 2000);
}

/* S7: the server believes no record. */
static void
s7_record_is_checked(void)
{
	struct catalogue_driver r;
	uint64_t                bound = 0;

	(void)kit_lonely();
	r = kit_record("late");
	r.class = DEVDB_BUS; /* Would get configuration space. */
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("late");
	r.unit[0].nisa_irqs = 3;
	r.unit[0].messages = 4; /* Together too many for the plan. */
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("late");
	r.nunits = 200;
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("late");
	r.unit[0].nports = 255;
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("late");
	memset(r.name, 'a', sizeof(r.name));
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("late");
	r.priority = 12;
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_ARGUMENT);
	r = kit_record("virtio-blk");
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_EXISTS);
	CU_ASSERT_EQUAL(server.instances, 0);
}

/* S7: only so many, and a place that was given back is used again. */
static void
s7_quota(void)
{
	struct catalogue_driver r;
	struct request          rq = {.data = DEVDB_CATALOGUE};
	char                    name[16];
	uint64_t                bound;
	unsigned                n;

	(void)kit_lonely();
	for (n = 0; n < 2 * CATALOGUE_ADDED; n++) {
		snprintf(name, sizeof(name), "driver%u", n);
		r = kit_record(name);
		if (kit_add(&r, &bound) != RC_OK)
			break;
	}
	CU_ASSERT_EQUAL(n, CATALOGUE_ADDED);
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_LIMIT);
	rq.string = "driver3";
	rq.string_bytes = 7;
	CU_ASSERT_EQUAL(devdb_do_drop(&rq), RC_OK);
	CU_ASSERT_EQUAL(devdb_do_drop(&rq), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	/* One of the boot catalogue cannot be dropped. */
	rq.string = "ide";
	rq.string_bytes = 3;
	CU_ASSERT_EQUAL(devdb_do_drop(&rq), RC_NOT_FOUND);
}

/* server.drop.1: the kill sequence, then every resource goes back. */
static void
drop_revokes_all(void)
{
	struct device          *d = kit_lonely();
	struct catalogue_driver r = kit_record("late");
	struct request          rq = {
		     .data = DEVDB_CATALOGUE, .string = "late", .string_bytes = 4};
	uint64_t bound = 0;

	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(d->state, DEVDB_BOUND);
	fake.logged = 0;
	CU_ASSERT_EQUAL(devdb_do_drop(&rq), RC_OK);
	CU_ASSERT(fake_when(FAKE_BUS, PCI_SILENCE) >= 0);
	CU_ASSERT(fake_when(FAKE_PROCESS, PROCESS_STOP) <
	    fake_when(FAKE_SUBBANK, BANK_KILL));
	CU_ASSERT(fake_when(FAKE_SUBBANK, BANK_KILL) <
	    fake_when(FAKE_IRQ, IRQ_RELEASE));
	CU_ASSERT(fake_when(FAKE_IRQ, IRQ_RELEASE) >= 0);
	CU_ASSERT(fake_when(FAKE_MMIO, MMIO_RELEASE) >= 0);
	CU_ASSERT(fake_when(FAKE_DMA, DMA_RELEASE) >= 0);
	CU_ASSERT(fake_when(FAKE_DMA, DMA_RELEASE) <
	    fake_when(FAKE_RANGE, RANGE_FREE));
	CU_ASSERT_EQUAL(d->state, DEVDB_UNDRIVEN);
	CU_ASSERT_EQUAL(d->driver, NONE);
	CU_ASSERT_FALSE(server.instance[0].used);
	/* The place is good for the next one. */
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(d->state, DEVDB_BOUND);
}

/* What the driver says of itself. */
static void
says(const struct instance *n, uint32_t state)
{
	struct driver_control *c =
	    (void *)fake.object[fake_instance(n, INST_CONTROL)].page;

	c->said.state = state;
}

/* Was it rung by what comes next? */
static bool
rings(uint16_t bell)
{
	fake.logged = 0;
	(void)instances_tick();
	return fake_last_of(bell) >= 0;
}

/*
 * server.add.2: the catalogue, which waits for a driver that was added, is rung
 * when that is up, or has failed, and not for each heartbeat.
 */
static void
tells_the_catalogue(void)
{
	struct catalogue_driver r = kit_record("late");
	struct request          rq = {.data = DEVDB_CATALOGUE};
	struct instance        *n = &server.instance[0];
	uint64_t                bound;
	uint16_t                bell;

	(void)kit_lonely();
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	bell = fake.reg[REG_IN0];
	CU_ASSERT_EQUAL(devdb_do_adopt(&rq), RC_OK);
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
	says(n, CONTROL_UP);
	CU_ASSERT(rings(bell));
	CU_ASSERT_FALSE(rings(bell));
	fake.now = n->policy.beat_at;
	CU_ASSERT_FALSE(rings(bell));
	says(n, CONTROL_FAILED);
	CU_ASSERT(rings(bell));
	/* One that is to be tried again and cannot be started has failed. */
	fake.now += UINT64_C(60000000000);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	for (unsigned i = 0; i < SERVER_RINGS; i++)
		server.ring[i].used = true;
	n->granted = false;
	n->ring = 0;
	CU_ASSERT(rings(bell));
	CU_ASSERT_FALSE(n->running);
	CU_ASSERT_EQUAL(n->policy.run, DEVDB_RUN_BACK_OFF);
}

/* server.facet.1: nobody else may do what the catalogue does. */
static void
only_the_catalogue(void)
{
	struct catalogue_driver r = kit_record("late");
	struct request          rq = {
		     .data = DEVDB_CONTROL, .string = &r, .string_bytes = sizeof(r)};
	uint64_t a, b;

	(void)kit_lonely();
	CU_ASSERT_EQUAL(devdb_do_add(&rq, &a), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_adopt(&rq), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_wanted(&rq, &a, &b), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_build(&rq, 0, 0, 0, 0), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_fail(&rq, 0, 0, 0), RC_RIGHTS);
	rq.string_bytes = 4;
	CU_ASSERT_EQUAL(devdb_do_drop(&rq), RC_RIGHTS);
}

/*
 * server.attach.1: the store is rung after its doorbell was installed, for the
 * driver may have completed requests before.
 */
static void
attach_rings_the_store(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	uint16_t         p;

	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	fake.logged = 0;
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	p = fake_instance(n, INST_PROCESS);
	CU_ASSERT(fake_last(FAKE_PROCESS, PROCESS_SWAP) >= 0);
	CU_ASSERT(fake_last_of(fake.object[p].slot[DRIVER_REG_CLIENT]) >
	    fake_last(FAKE_PROCESS, PROCESS_SWAP));
}

/* server.attach.2: so is every other client that connects. */
static void
connect_rings_the_client(void)
{
	struct catalogue_driver r = kit_record("late");
	struct request          rq = {.data = DEVDB_USE};
	uint64_t                bound, generation = 0;
	uint16_t                bell;

	(void)kit_lonely();
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	bell = fake.reg[REG_IN0];
	CU_ASSERT_EQUAL(
	    devdb_do_connect(&rq, DEVDB_CHAR, 0, &generation), RC_OK);
	CU_ASSERT_EQUAL(generation, 1);
	CU_ASSERT(fake_last(FAKE_PROCESS, PROCESS_SWAP) >= 0);
	CU_ASSERT(fake_last_of(bell) > fake_last(FAKE_PROCESS, PROCESS_SWAP));
}

/* What a driver's page says; its server looks at the next tick. */
static void
driver_says(const struct instance *n, enum control_state state,
    enum status cause, const char *remark)
{
	uint16_t            page = fake_instance(n, INST_CONTROL);
	struct control_said said = {.state = state, .cause = (uint32_t)cause};

	snprintf(said.remark, sizeof(said.remark), "%s", remark);
	memcpy(fake.object[page].page + offsetof(struct driver_control, said),
	    &said, sizeof(said));
}

/* server.said.1: a driver's remark is text for people, whatever it wrote. */
static void
remark_is_text(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	char             all[CONTROL_REMARK + 8];

	(void)instances_tick();
	driver_says(n, CONTROL_UP, RC_OK, "a\033[2J\nb\x7f\xff~");
	CU_ASSERT_STRING_EQUAL(server_said(n).remark, "a?[2J?b??~");
	memset(all, '\n', sizeof(all));
	all[sizeof(all) - 1] = '\0';
	driver_says(n, CONTROL_UP, RC_OK, all);
	CU_ASSERT_EQUAL(strspn(server_said(n).remark, "?"),
	    CONTROL_REMARK - 1);
}

/*
 * server.probe.1: a probe that refuses the device is not tried again, and
 * drv shows why.
 */
static void
refused_is_stopped(void)
{
	struct instance    *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	struct devdb_driver r;
	struct request      rq = {.out_string = &r};
	uint64_t            count;

	(void)instances_tick();
	driver_says(n, CONTROL_FAILED, RC_UNSUPPORTED, "too old");
	CU_ASSERT_EQUAL(instances_tick(), UINT64_MAX);
	CU_ASSERT_EQUAL(n->policy.run, DEVDB_RUN_STOPPED);
	CU_ASSERT_EQUAL(server.device[0].state, DEVDB_EMPTY);
	CU_ASSERT_EQUAL(devdb_do_driver(&rq, 0, &count), RC_OK);
	CU_ASSERT_EQUAL(r.run, DEVDB_RUN_STOPPED);
	CU_ASSERT_EQUAL(r.cause, RC_UNSUPPORTED);
	CU_ASSERT_STRING_EQUAL(r.remark, "too old");
	driver_says(n, CONTROL_FAILED, RC_UNSUPPORTED, "");
	CU_ASSERT_EQUAL(devdb_do_driver(&rq, 0, &count), RC_OK);
	CU_ASSERT(strncmp(r.remark, "stopped: status ", 16) == 0);
	/* Who has driven it once is tried again, whatever it says. */
	n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	(void)instances_tick();
	driver_says(n, CONTROL_UP, RC_OK, "");
	(void)instances_tick();
	driver_says(n, CONTROL_FAILED, RC_UNSUPPORTED, "");
	(void)instances_tick();
	CU_ASSERT_EQUAL(n->policy.run, DEVDB_RUN_BACK_OFF);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(least_privilege),
    RUNNER_TEST(attach_rings_the_store),
    RUNNER_TEST(connect_rings_the_client),
    RUNNER_TEST(refused_is_stopped),
    RUNNER_TEST(remark_is_text),
    RUNNER_TEST(ports_of_a_channel),
    RUNNER_TEST(the_kill_sequence),
    RUNNER_TEST(any_failure_virtio),
    RUNNER_TEST(any_failure_ide),
    RUNNER_TEST(restart_keeps_the_disk),
    RUNNER_TEST(s7_added_is_asked_for),
    RUNNER_TEST(s7_added_failures),
    RUNNER_TEST(s7_record_is_checked),
    RUNNER_TEST(s7_quota),
    RUNNER_TEST(drop_revokes_all),
    RUNNER_TEST(tells_the_catalogue),
	    RUNNER_TEST(only_the_catalogue),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "server", .tests = tests},
    {.name = "handle", .tests = handle_tests},
    {.name = "connect", .tests = connect_tests},
    {.name = "disk", .tests = disk_tests},
    {.name = "power", .tests = power_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
