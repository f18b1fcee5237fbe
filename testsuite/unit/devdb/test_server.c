/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/process.h"
#include "kernel/abi/irq.order.h"
#include "kernel/abi/process.order.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/fakekernel.h"
#include "testsuite/unit/devdb/fixture.h"
#include "uldrv/class/block_client.order.h"
#include "uldrv/class/pci.order.h"
#include "userland/rt/idl/bank.order.h"

struct server_state server;

/* An image that build_process accepts: see the fixture's images. */
const struct image driver_images[CATALOGUE_DRIVERS];
const uint32_t     driver_image_count = CATALOGUE_DRIVERS;

/* In place of userland/rt's: what matters here comes before and after it. */
enum status build_process(const void *plan, capreg process, capreg space);

enum status
build_process(const void *plan, capreg process, capreg space)
{
	struct message node = {
	    .control = control_make(INVOKE_CALL, REG_SUBBANK) |
		CONTROL_RECEIVE(0, space),
	    .word = {BANK_NODE}};
	struct message make = {.control = control_make(INVOKE_CALL, space) |
		CONTROL_RECEIVE(0, process),
	    .word = {8}};

	(void)plan;
	ant_invoke(&node);
	if (node.word[0] != RC_OK)
		return message_status(&node);
	ant_invoke(&make);
	if (make.word[0] == RC_OK)
		fake.object[fake.reg[process]].slot[SLOT_SPACE] =
		    fake.reg[space];
	return message_status(&make);
}

/* A server that has found one disk. */
static struct instance *
disk(const char *driver, uint16_t vendor, uint16_t id, unsigned unit)
{
	struct device   *d = &server.device[0];
	struct instance *n = &server.instance[0];

	fake_begin_server();
	memset(&server, 0, sizeof(server));
	server.catalogue = *fixture_catalogue();
	server.devices = 1;
	server.instances = 1;
	fixture_function(&d->function, 0x20, vendor, id, 0x010180);
	d->function.msix = 0x40;
	d->function.msix_entries = 2;
	d->function.msix_bar = 1;
	d->function.pba_bar = 1;
	d->function.bar[1] = (struct pci_bar){
	    .first = 0xfebd5000, .bytes = 4096, .kind = PCI_BAR_MEMORY};
	d->function.bar[4] = (struct pci_bar){
	    .first = 0xfe000000, .bytes = 16384, .kind = PCI_BAR_MEMORY};
	if (vendor == 0x8086)
		d->function.bar[4] = (struct pci_bar){
		    .first = 0xc040, .bytes = 16, .kind = PCI_BAR_IO};
	d->board = fixture_pci(&d->function);
	*n = (struct instance){.used = true,
	    .disk = NONE,
	    .unit = (uint8_t)unit,
	    .driver = (uint8_t)fixture_driver(driver)};
	CU_ASSERT_EQUAL_FATAL(plan_make(&n->plan, driver_of(n),
				  &driver_of(n)->unit[unit], &d->board),
	    RC_OK);
	policy_begin(&n->policy, 0);
	return n;
}

/* server.start.1: a driver holds its device's capabilities and no others. */
static void
least_privilege(void)
{
	struct instance *n = disk("virtio-blk", 0x1af4, 0x1042, 0);
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
		CU_ASSERT_EQUAL(fake_holds(p, r), FAKE_VOID);
	CU_ASSERT_EQUAL(fake_holds(p, SLOT_IO), FAKE_VOID);
}

/* server.start.2: a channel's ports, the first of them in the I/O slot. */
static void
ports_of_a_channel(void)
{
	struct instance *n = disk("ide", 0x8086, 0x7010, 1);
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
	struct instance *n = disk("virtio-blk", 0x1af4, 0x1042, 0);
	int              silence, mask, stop, reset, destroy;

	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	fake.logged = 0;
	instance_stop(n);
	silence = fake_when(FAKE_BUS, PCI_SILENCE);
	mask = fake_when(FAKE_IRQ, IRQ_MASK);
	stop = fake_when(FAKE_PROCESS, PROCESS_STOP);
	reset = fake_when(FAKE_BUS, PCI_RESET);
	destroy = fake_when(FAKE_SUBBANK, BANK_DESTROY);
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
		struct instance *i = disk(driver, vendor, id, 0);
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
	struct instance *n = disk("virtio-blk", 0x1af4, 0x1042, 0);
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

static const struct runner_test tests[] = {
    RUNNER_TEST(least_privilege),
    RUNNER_TEST(ports_of_a_channel),
    RUNNER_TEST(the_kill_sequence),
    RUNNER_TEST(any_failure_virtio),
    RUNNER_TEST(any_failure_ide),
    RUNNER_TEST(restart_keeps_the_disk),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "server", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
