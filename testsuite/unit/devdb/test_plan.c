/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <string.h>

#include "devdb/server/plan.h"
#include "devdb/server/policy.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/fixture.h"

static const struct catalogue_driver *
entry(const char *name)
{
	return &fixture_catalogue()->driver[fixture_driver(name)];
}

/* A virtio disk as QEMU shows it on q35. */
static void
virtio(struct pci_function *f)
{
	fixture_function(f, 0x10, 0x1af4, 0x1042, 0x010000);
	f->bar[1] = (struct pci_bar){
	    .first = 0xfebd5000, .bytes = 4096, .kind = PCI_BAR_MEMORY};
	f->bar[4] = (struct pci_bar){
	    .first = 0xfe000000, .bytes = 16384, .kind = PCI_BAR_MEMORY};
	f->pin = 1;
	f->gsi = 22;
	f->msix = 0x98;
	f->msix_entries = 2;
	f->msix_bar = 1;
	f->pba_bar = 1;
	f->pba_offset = 0x800;
}

/* plan.1: BAR 4, an MSI-X message, DMA; never the page with the table. */
static void
virtio_gets_its_own(void)
{
	const struct catalogue_driver *d = entry("virtio-blk");
	struct pci_function            f;
	struct board_device            b;
	struct plan                    p;

	virtio(&f);
	b = fixture_pci(&f);
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_OK);
	CU_ASSERT_EQUAL(p.mmio[4].part, 16384);
	CU_ASSERT_EQUAL(p.mmio[1].part, 0);
	CU_ASSERT_EQUAL(p.nirqs, 1);
	CU_ASSERT_EQUAL(p.irq[0].kind, PLAN_MESSAGE);
	CU_ASSERT_EQUAL(p.table_page, 0xfebd5000);
	CU_ASSERT_EQUAL(p.nports, 0);
	CU_ASSERT(p.dma);
	/* The table in the BAR that the driver needs: cut from there on. */
	f.msix_bar = 4;
	f.msix_offset = 0x3000;
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_OK);
	CU_ASSERT_EQUAL(p.mmio[4].part, 0x3000);
	/* Without MSI-X the line; without that, no. */
	f.msix = 0;
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_OK);
	CU_ASSERT_EQUAL(p.irq[0].kind, PLAN_LINE);
	CU_ASSERT_EQUAL(p.irq[0].number, 22);
	f.gsi = PCI_NO_LINE;
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(p.reason, "its interrupt goes nowhere we know");
	f.gsi = 22;
	f.bar[4].kind = PCI_BAR_BAD;
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(p.reason, "BAR 4 is absurd");
}

/* plan.2: a table that lies outside its BAR. */
static void
an_absurd_table(void)
{
	const struct catalogue_driver *d = entry("virtio-blk");
	struct pci_function            f;
	struct board_device            b;
	struct plan                    p;

	virtio(&f);
	f.msix_offset = 0xfffffff8;
	b = fixture_pci(&f);
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[0], &b), RC_DEVICE);
}

/* plan.3: each channel its ports, its half of the bus master, its line. */
static void
ide_channels(void)
{
	const struct catalogue_driver *d = entry("ide");
	struct pci_function            f;
	struct board_device            b;
	struct plan                    p;

	fixture_function(&f, 0x09, 0x8086, 0x7010, 0x010180);
	f.bar[4] = (struct pci_bar){
	    .first = 0xc040, .bytes = 16, .kind = PCI_BAR_IO};
	b = fixture_pci(&f);
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[1], &b), RC_OK);
	CU_ASSERT_EQUAL(p.nports, 3);
	CU_ASSERT_EQUAL(p.port[0].first, 0x170);
	CU_ASSERT_EQUAL(p.port[1].first, 0x376);
	CU_ASSERT_EQUAL(p.port[2].first, 0xc048);
	CU_ASSERT_EQUAL(p.port[2].count, 8);
	CU_ASSERT_EQUAL(p.irq[0].kind, PLAN_ISA);
	CU_ASSERT_EQUAL(p.irq[0].number, 15);
	CU_ASSERT_EQUAL(p.dma_bits, 32);
	f.bar[4].bytes = 8;
	CU_ASSERT_EQUAL(plan_make(&p, d, &d->unit[1], &b), RC_NOT_FOUND);
}

/* plan.4: no device, whatever it says, gets what the platform keeps (D12). */
static void
kept_ports_stay_kept(void)
{
	const struct catalogue_driver *ide = entry("ide"), *pm;
	struct pci_function            f;
	struct board_device            b;
	struct plan                    p;
	uint32_t                       base = 0xb001;

	fixture_function(&f, 0x09, 0x8086, 0x7010, 0x010180);
	f.bar[4] = (struct pci_bar){
	    .first = 0xcf0, .bytes = 16, .kind = PCI_BAR_IO};
	b = fixture_pci(&f);
	CU_ASSERT_EQUAL(plan_make(&p, ide, &ide->unit[1], &b), RC_TAKEN);
	f.bar[4].first = 0xfffa;
	CU_ASSERT_EQUAL(plan_make(&p, ide, &ide->unit[1], &b), RC_ARGUMENT);
	/* PMBASE comes from configuration space. */
	pm = entry("acpi-pm");
	fixture_function(&f, 0x0b, 0x8086, 0x7113, 0x068000);
	memcpy(f.config + 0x40, &base, 4);
	CU_ASSERT_EQUAL(plan_make(&p, pm, &pm->unit[0], &b), RC_OK);
	CU_ASSERT_EQUAL(p.port[0].first, 0xb000);
	CU_ASSERT_EQUAL(p.port[0].count, 64);
	base = 0;
	memcpy(f.config + 0x40, &base, 4);
	CU_ASSERT_EQUAL(plan_make(&p, pm, &pm->unit[0], &b), RC_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(p.reason, "the firmware gave it no ports");
}

#define MS UINT64_C(1000000)

/* policy.1: back-off doubles up to its bound, never ends for a disk. */
static void
back_off_without_limit(void)
{
	struct catalogue_driver d = {
	    .back_off_least = 10, .back_off_most = 100, .heartbeat = 1000};
	struct policy p;
	uint64_t      now = 0, waits[8];

	policy_begin(&p, now);
	for (int i = 0; i < 1000; i++) {
		CU_ASSERT_EQUAL_FATAL(
		    policy_tick(&p, &d, now, 0), POLICY_START);
		policy_started(&p, &d, now);
		policy_up(&p);
		policy_died(&p, &d, now, CONTROL_FAILED, RC_OK);
		if (i < 8)
			waits[i] = policy_next(&p) - now;
		CU_ASSERT_EQUAL_FATAL(
		    policy_tick(&p, &d, now, 0), POLICY_NOTHING);
		now = policy_next(&p);
	}
	CU_ASSERT_EQUAL(waits[0], 10 * MS);
	CU_ASSERT_EQUAL(waits[1], 20 * MS);
	CU_ASSERT_EQUAL(waits[7], 100 * MS);
	CU_ASSERT_EQUAL(p.generation, 1000);
	/* A long life begins anew. */
	policy_started(&p, &d, now);
	now += POLICY_LONG_LIFE;
	policy_died(&p, &d, now, CONTROL_UP, RC_OK);
	CU_ASSERT_EQUAL(policy_next(&p) - now, 10 * MS);
}

/*
 * policy.2: others stop at their limit; nobody restarts for no device, nor who
 * refuses the one that is there.
 */
static void
limits(void)
{
	struct catalogue_driver d = {.back_off_least = 10,
	    .back_off_most = 100,
	    .heartbeat = 1000,
	    .restart_limit = 3};
	struct policy           p;
	unsigned                starts = 0;

	policy_begin(&p, 0);
	while (policy_next(&p) != UINT64_MAX && starts < 100) {
		uint64_t now = policy_next(&p);

		if (policy_tick(&p, &d, now, 0) == POLICY_START)
			starts++;
		policy_started(&p, &d, now);
		policy_died(&p, &d, now, CONTROL_STARTING, RC_OK);
	}
	CU_ASSERT_EQUAL(starts, 4);
	d.restart_limit = 0;
	policy_begin(&p, 0);
	policy_started(&p, &d, 0);
	policy_died(&p, &d, 0, CONTROL_NO_DEVICE, RC_OK);
	CU_ASSERT_EQUAL(p.run, DEVDB_RUN_STOPPED);
	policy_begin(&p, 0);
	policy_started(&p, &d, 0);
	policy_died(&p, &d, 0, CONTROL_FAILED, RC_UNSUPPORTED);
	CU_ASSERT_EQUAL(p.run, DEVDB_RUN_STOPPED);
	/* A refusal is believed only of one that has never been up. */
	policy_begin(&p, 0);
	policy_started(&p, &d, 0);
	policy_up(&p);
	policy_died(&p, &d, 0, CONTROL_FAILED, RC_UNSUPPORTED);
	CU_ASSERT_EQUAL(p.run, DEVDB_RUN_BACK_OFF);
}

/* policy.3: a driver that does not answer is killed, one that does is not. */
static void
heartbeats(void)
{
	struct catalogue_driver d = {
	    .back_off_least = 10, .back_off_most = 100, .heartbeat = 1000};
	struct policy p;
	uint64_t      now = 0;
	uint32_t      beat = 0;
	int           i;

	policy_begin(&p, now);
	policy_started(&p, &d, now);
	policy_up(&p);
	for (i = 0; i < 50; i++) {
		now = policy_next(&p);
		CU_ASSERT_EQUAL(policy_tick(&p, &d, now, beat), POLICY_BEAT);
		beat++;
	}
	for (i = 0; i < 10; i++) {
		now = policy_next(&p);
		if (policy_tick(&p, &d, now, beat) == POLICY_KILL)
			break;
	}
	CU_ASSERT(i >= 2 && i <= 3);
}

/* policy.4: asked for, a driver starts at once, under its next generation. */
static void
asked_for(void)
{
	const struct catalogue_driver d = {.back_off_least = 10,
	    .back_off_most = 100,
	    .heartbeat = 1000,
	    .restart_limit = 1};
	struct policy                 p;

	policy_begin(&p, 0);
	policy_started(&p, &d, 0);
	policy_died(&p, &d, 5000000, CONTROL_STARTING, RC_OK);
	CU_ASSERT_EQUAL(policy_tick(&p, &d, 5000000, 0), POLICY_NOTHING);
	policy_at_once(&p);
	CU_ASSERT_EQUAL(policy_tick(&p, &d, 5000000, 0), POLICY_START);
	policy_started(&p, &d, 5000000);
	policy_died(&p, &d, 5000000, CONTROL_NO_DEVICE, RC_OK);
	CU_ASSERT_EQUAL(p.run, DEVDB_RUN_STOPPED);
	policy_at_once(&p);
	CU_ASSERT_EQUAL(policy_tick(&p, &d, 5000000, 0), POLICY_START);
	policy_started(&p, &d, 5000000);
	CU_ASSERT_EQUAL(p.generation, 3);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(virtio_gets_its_own),
    RUNNER_TEST(an_absurd_table),
    RUNNER_TEST(ide_channels),
    RUNNER_TEST(kept_ports_stay_kept),
    RUNNER_TEST(back_off_without_limit),
    RUNNER_TEST(limits),
    RUNNER_TEST(heartbeats),
    RUNNER_TEST(asked_for),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "plan", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
