/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/uldrv/fakepci.h"

static struct fake_pci s;

/* pci.scan.1: functions of a multi-function slot, and no ghosts. */
static void
scan_finds_functions(void)
{
	fake_begin(&s);
	(void)fake_add(&s, pci_id(0, 0, 0), 0x8086, 0x1237, 0x060000);
	fake_add(&s, pci_id(0, 1, 0), 0x8086, 0x7000, 0x060100)
	    ->config[PCI_HEADER] = HEADER_MULTI;
	(void)fake_add(&s, pci_id(0, 1, 1), 0x8086, 0x7010, 0x010180);
	(void)fake_add(&s, pci_id(0, 1, 3), 0x8086, 0x7113, 0x068000);
	(void)fake_add(&s, pci_id(0, 4, 0), 0x1af4, 0x1042, 0x010000);
	/* A ghost: function 1 of a slot that is not multi-function. */
	(void)fake_add(&s, pci_id(0, 4, 1), 0x1af4, 0x1042, 0x010000);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(s.pci.count, 5);
	CU_ASSERT_EQUAL(s.pci.chipset, CHIPSET_PIIX3);
	CU_ASSERT_PTR_NULL(pci_find(&s.pci, pci_id(0, 4, 1)));
	CU_ASSERT_EQUAL(pci_find(&s.pci, pci_id(0, 1, 1))->class, 0x010180);
}

/* pci.scan.2: bridges, in any order, each bus once; loops end. */
static void
scan_follows_bridges(void)
{
	struct fake_function *b;

	fake_begin(&s);
	b = fake_add(&s, pci_id(0, 2, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 1;
	b->config[PCI_SUBORDINATE] = 2;
	b = fake_add(&s, pci_id(1, 3, 0), 0x1b36, 0x0001, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 2;
	b->config[PCI_SUBORDINATE] = 2;
	/* One that claims a bus that is taken, and one that claims bus 0. */
	b = fake_add(&s, pci_id(0, 5, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 2;
	b->config[PCI_SUBORDINATE] = 2;
	b = fake_add(&s, pci_id(2, 0, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 1;
	b->config[PCI_SUBORDINATE] = 255;
	(void)fake_add(&s, pci_id(2, 7, 0), 0x8086, 0x100e, 0x020000);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_PTR_NOT_NULL(pci_find(&s.pci, pci_id(2, 7, 0)));
	CU_ASSERT_EQUAL(s.pci.parent[2], pci_id(0, 5, 0));
	CU_ASSERT_EQUAL(s.pci.count, 5);
}

/* pci.scan.3: a bridge without a number gets one. */
static void
scan_numbers_a_new_bridge(void)
{
	struct fake_function *b;

	fake_begin(&s);
	b = fake_add(&s, pci_id(0, 2, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT(b->config[PCI_SECONDARY] > 0);
	CU_ASSERT_EQUAL(b->config[PCI_SECONDARY], b->config[PCI_SUBORDINATE]);
}

/* pci.bars.1: sizes of ports, memory and 64-bit memory; nothing changed. */
static void
bars_are_sized(void)
{
	struct fake_function *f;
	struct pci_function  *p;
	uint8_t               before[PCI_CONFIG];

	fake_begin(&s);
	f = fake_add(&s, pci_id(0, 4, 0), 0x1af4, 0x1042, 0x010000);
	fake_bar(f, 0, 0xc041, 64);
	fake_bar(f, 1, 0xfebd1000, 4096);
	fake_bar(f, 4, 0xfe00000c, 16384);
	f->config[PCI_COMMAND] = 3;
	memcpy(before, f->config, PCI_CONFIG);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	p = pci_find(&s.pci, f->id);
	CU_ASSERT_EQUAL(p->bar[0].kind, PCI_BAR_IO);
	CU_ASSERT_EQUAL(p->bar[0].first, 0xc040);
	CU_ASSERT_EQUAL(p->bar[0].bytes, 64);
	CU_ASSERT_EQUAL(p->bar[1].bytes, 4096);
	CU_ASSERT_EQUAL(p->bar[4].first, 0xfe000000);
	CU_ASSERT_EQUAL(p->bar[4].bytes, 16384);
	CU_ASSERT_EQUAL(p->bar[4].bits, 64);
	CU_ASSERT_EQUAL(p->bar[4].prefetchable, 1);
	CU_ASSERT_EQUAL(p->bar[5].kind, PCI_BAR_UPPER);
	CU_ASSERT_EQUAL(p->bar[2].kind, PCI_BAR_NONE);
	CU_ASSERT_EQUAL(memcmp(before, f->config, PCI_CONFIG), 0);
}

/* pci.bars.2: BARs that are 0 get room that is nobody else's. */
static void
bars_get_addresses(void)
{
	struct fake_function *a, *b;
	struct pci_function  *p;

	fake_begin(&s);
	a = fake_add(&s, pci_id(0, 3, 0), 0x8086, 0x100e, 0x020000);
	fake_bar(a, 0, 0xe0000000, 1 << 20);
	fake_bar(a, 1, 0xc001, 256);
	b = fake_add(&s, pci_id(0, 4, 0), 0x1234, 0x11e8, 0x00ff00);
	fake_bar(b, 0, 0, 1 << 20);
	fake_bar(b, 1, 1, 256);
	fake_bar(b, 2, 4, 64);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	p = pci_find(&s.pci, b->id);
	CU_ASSERT_EQUAL(p->bar[0].first, 0xe0100000);
	CU_ASSERT_EQUAL(p->bar[1].first, 0xc100);
	CU_ASSERT_EQUAL(p->bar[2].first, 0xe0200000);
	CU_ASSERT_EQUAL(b->config[PCI_BAR + 2], 0x10);
	CU_ASSERT_EQUAL(b->config[PCI_BAR + 4 + 1], 0xc1);
}

/* pci.bars.3: what overlaps another, or what the kernel keeps, is bad. */
static void
bars_that_overlap_are_bad(void)
{
	struct fake_function *a, *b;

	fake_begin(&s);
	a = fake_add(&s, pci_id(0, 3, 0), 0x8086, 0x100e, 0x020000);
	fake_bar(a, 0, 0xfee00000, 4096);
	fake_bar(a, 1, 0xe0000000, 1 << 20);
	b = fake_add(&s, pci_id(0, 4, 0), 0x8086, 0x100e, 0x020000);
	fake_bar(b, 0, 0xe0080000, 4096);
	fake_bar(b, 5, 0xe1000004, 4096); /* 64-bit in the last BAR. */
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(s.pci.function[0].bar[0].kind, PCI_BAR_BAD);
	CU_ASSERT_EQUAL(s.pci.function[1].bar[0].kind, PCI_BAR_BAD);
	CU_ASSERT_EQUAL(s.pci.function[1].bar[5].kind, PCI_BAR_BAD);
}

/* pci.capability.1: MSI and MSI-X are found; loops in the list end. */
static void
capabilities_are_walked(void)
{
	struct fake_function *f;
	struct pci_function  *p;

	fake_begin(&s);
	f = fake_add(&s, pci_id(0, 4, 0), 0x1af4, 0x1042, 0x010000);
	fake_capability(f, 0x40, CAP_MSIX);
	f->config[0x42] = 1; /* Two entries. */
	f->config[0x44] = 1; /* BAR 1, offset 0. */
	f->config[0x48] = 1;
	f->config[0x49] = 8;
	fake_capability(f, 0x50, 9);
	fake_capability(f, 0x60, CAP_MSI);
	f->config[0x61] = 0x50; /* Back to an earlier one. */
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	p = pci_find(&s.pci, f->id);
	CU_ASSERT_EQUAL(p->msix, 0x40);
	CU_ASSERT_EQUAL(p->msix_entries, 2);
	CU_ASSERT_EQUAL(p->msix_bar, 1);
	CU_ASSERT_EQUAL(p->pba_offset, 0x800);
	CU_ASSERT_EQUAL(p->msi, 0x60);
	CU_ASSERT_EQUAL(p->config[0x50], 9);
}

/* pci.route.1: measured on pc: slots 2 to 11, pin A (devices, fact 5). */
static void
routes_of_piix3(void)
{
	static const uint8_t expect[] = {
	    10, 11, 11, 10, 10, 11, 11, 10, 10, 11};
	struct fake_function *r;

	fake_begin(&s);
	r = fake_add(&s, pci_id(0, 1, 0), 0x8086, 0x7000, 0x060100);
	memcpy(r->config + 0x60, "\x0a\x0a\x0b\x0b", 4);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	for (unsigned slot = 2; slot < 12; slot++)
		CU_ASSERT_EQUAL(
		    pci_route(&s.pci, pci_id(0, slot, 0), 1), expect[slot - 2]);
	r->config[0x60] = 0x80;
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(0, 5, 0), 1), PCI_NO_LINE);
}

/* pci.route.2: q35, also behind a root port. */
static void
routes_of_ich9(void)
{
	struct fake_function *b;

	fake_begin(&s);
	b = fake_add(&s, pci_id(0, 2, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 1;
	b->config[PCI_SUBORDINATE] = 1;
	(void)fake_add(&s, pci_id(0, 31, 0), 0x8086, 0x2918, 0x060100);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(0, 3, 0), 1), 23);
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(0, 4, 0), 1), 20);
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(0, 31, 2), 1), 16);
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(1, 0, 0), 1), 22);
	CU_ASSERT_EQUAL(pci_route(&s.pci, pci_id(1, 0, 0), 2), 23);
}

/* pci.control.1: silent is silent, and a message undoes nothing of it. */
static void
silence_and_messages(void)
{
	struct fake_function *f;
	struct pci_function  *p;
	uint32_t              entry[4] = {0, 0, 0, 1};

	fake_begin(&s);
	f = fake_add(&s, pci_id(0, 4, 0), 0x1af4, 0x1042, 0x010000);
	fake_capability(f, 0x40, CAP_MSIX);
	fake_capability(f, 0x60, CAP_MSI);
	f->config[0x43] = 0x80;
	f->config[0x62] = 1;
	f->config[PCI_COMMAND] = 7;
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	p = pci_find(&s.pci, f->id);
	pci_silence(&s.pci, p);
	CU_ASSERT_EQUAL(f->config[PCI_COMMAND], 3);
	CU_ASSERT_EQUAL(f->config[PCI_COMMAND + 1], 4);
	CU_ASSERT_EQUAL(f->config[0x43], 0x40);
	CU_ASSERT_EQUAL(f->config[0x62], 0);
	CU_ASSERT_EQUAL(pci_message(&s.pci, p, entry, 0xfee01000, 0x41), RC_OK);
	CU_ASSERT_EQUAL(entry[0], 0xfee01000);
	CU_ASSERT_EQUAL(entry[2], 0x41);
	CU_ASSERT_EQUAL(entry[3], 0);
	CU_ASSERT_EQUAL(f->config[0x43], 0x80);
	p->msix = 0;
	CU_ASSERT_EQUAL(pci_message(&s.pci, p, NULL, 0xfee02000, 0x42), RC_OK);
	CU_ASSERT_EQUAL(f->config[0x65], 0x20);
	CU_ASSERT_EQUAL(f->config[0x68], 0x42);
	p->msi = 0;
	CU_ASSERT_EQUAL(pci_message(&s.pci, p, NULL, 0, 0), RC_UNSUPPORTED);
	pci_enable(&s.pci, p, true, true);
	CU_ASSERT_EQUAL(f->config[PCI_COMMAND], 7);
	CU_ASSERT_EQUAL(f->config[PCI_COMMAND + 1], 0);
}

/* pci.control.2: reset by the bridge only where nothing else is behind it. */
static void
reset_by_the_bridge(void)
{
	struct fake_function *b, *f;

	fake_begin(&s);
	b = fake_add(&s, pci_id(0, 2, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = 1;
	b->config[PCI_SUBORDINATE] = 1;
	f = fake_add(&s, pci_id(1, 0, 0), 0x8086, 0x10d3, 0x020000);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, f->id), true), RC_OK);
	CU_ASSERT_EQUAL(b->config[PCI_BRIDGE_CONTROL], BRIDGE_RESET);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, f->id), false), RC_OK);
	CU_ASSERT_EQUAL(b->config[PCI_BRIDGE_CONTROL], 0);
	(void)fake_add(&s, pci_id(1, 1, 0), 0x8086, 0x10d3, 0x020000);
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, f->id), true), RC_UNSUPPORTED);
}

/* pci.control.3: the addresses that a reset takes away are given back. */
static void
reset_keeps_addresses(void)
{
	struct fake_function *b, *f;
	uint32_t              before;

	fake_begin(&s);
	b = fake_add(&s, pci_id(0, 1, 0), 0x1b36, 0x000c, 0x060400);
	b->config[PCI_HEADER] = 1;
	b->config[PCI_SECONDARY] = 1;
	b->config[PCI_SUBORDINATE] = 1;
	f = fake_add(&s, pci_id(1, 0, 0), 0x8086, 0x10d3, 0x020000);
	f->size[0] = 0x4000;
	f->config[PCI_BAR + 3] = 0xfe;
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	memcpy(&before, f->config + PCI_BAR, 4);
	CU_ASSERT_EQUAL(before, 0xfe000000);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, f->id), true), RC_OK);
	memset(f->config + PCI_BAR, 0, 24);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, f->id), false), RC_OK);
	CU_ASSERT_EQUAL(memcmp(f->config + PCI_BAR, &before, 4), 0);
}

/* A root port with a window, as firmware leaves one for plugging. */
static struct fake_function *
port(unsigned slot, unsigned bus, uint16_t base, uint16_t limit)
{
	struct fake_function *b = fake_add(
	    &s, pci_id(0, slot, 0), 0x1b36, 0x000c, 0x060400);

	b->config[PCI_HEADER] = HEADER_BRIDGE;
	b->config[PCI_SECONDARY] = (uint8_t)bus;
	b->config[PCI_SUBORDINATE] = (uint8_t)bus;
	memcpy(b->config + PCI_MEMORY_BASE, &base, 2);
	memcpy(b->config + PCI_MEMORY_LIMIT, &limit, 2);
	return b;
}

/* A function that was plugged in: no addresses yet. */
static struct fake_function *
plugged(uint16_t id)
{
	struct fake_function *f = fake_add(&s, id, 0x1234, 0x11e8, 0xff0000);

	fake_bar(f, 0, 0, 0x100000);
	return f;
}

/* pci.rescan.1: what is known stays as it is, what is new lies in its window. */
static void
rescan_finds_what_is_new(void)
{
	struct fake_function *f, *g;
	struct pci_function  *p;
	uint32_t              serial, v;

	fake_begin(&s);
	(void)port(2, 1, 0xfe80, 0xfe90);
	(void)port(3, 2, 0xfff0, 0x0000); /* Closed. */
	f = plugged(pci_id(0, 5, 0));
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	p = pci_find(&s.pci, f->id);
	CU_ASSERT_EQUAL(p->bar[0].kind, PCI_BAR_MEMORY);
	/* Not within a bridge's window. */
	CU_ASSERT(p->bar[0].first + 0xfffff < 0xfe800000 ||
	    p->bar[0].first > 0xfe9fffff);
	serial = p->serial;
	g = plugged(pci_id(1, 0, 0));
	(void)plugged(pci_id(2, 0, 0));
	f->config[PCI_COMMAND] = 7; /* Its driver runs. */
	s.accesses = 0;
	CU_ASSERT_EQUAL(pci_rescan(&s.pci), RC_OK);
	CU_ASSERT_EQUAL(f->config[PCI_COMMAND], 7);
	CU_ASSERT_EQUAL(pci_find(&s.pci, f->id)->serial, serial);
	p = pci_find(&s.pci, g->id);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT(p->serial != serial);
	CU_ASSERT(p->bar[0].first >= 0xfe800000);
	CU_ASSERT(p->bar[0].first <= 0xfe900000);
	memcpy(&v, g->config + PCI_BAR, 4);
	CU_ASSERT_EQUAL(v, p->bar[0].first);
	/* The closed window was opened, apart from all others. */
	p = pci_find(&s.pci, pci_id(2, 0, 0));
	CU_ASSERT_EQUAL_FATAL(p->bar[0].kind, PCI_BAR_MEMORY);
	CU_ASSERT(pci_window_meets(&s.pci, p->bar[0].first, 0x100000));
	/* A reset takes the addresses, and they are given again. */
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, g->id), true), RC_OK);
	memset(g->config + PCI_BAR, 0, 4);
	CU_ASSERT_EQUAL(
	    pci_reset(&s.pci, pci_find(&s.pci, g->id), false), RC_OK);
	memcpy(&v, g->config + PCI_BAR, 4);
	CU_ASSERT_EQUAL(v, pci_find(&s.pci, g->id)->bar[0].first);
}

/* pci.rescan.2: one that was pulled and put in again is another. */
static void
rescan_sees_a_swap(void)
{
	struct fake_function *f;
	uint32_t              serial;

	fake_begin(&s);
	(void)port(2, 1, 0xfe80, 0xfe90);
	f = plugged(pci_id(1, 0, 0));
	CU_ASSERT_EQUAL(pci_scan(&s.pci), RC_OK);
	serial = pci_find(&s.pci, f->id)->serial;
	memset(f->config + PCI_BAR, 0, 4);
	CU_ASSERT_EQUAL(pci_rescan(&s.pci), RC_OK);
	CU_ASSERT_NOT_EQUAL(pci_find(&s.pci, f->id)->serial, serial);
	CU_ASSERT_NOT_EQUAL(pci_find(&s.pci, f->id)->bar[0].first, 0);
	s.count--; /* The function is gone. */
	CU_ASSERT_EQUAL(pci_rescan(&s.pci), RC_OK);
	CU_ASSERT_PTR_NULL(pci_find(&s.pci, pci_id(1, 0, 0)));
}

static bool
overlap(const struct pci_bar *a, const struct pci_bar *b)
{
	return a->kind == b->kind &&
	    (a->kind == PCI_BAR_IO || a->kind == PCI_BAR_MEMORY) &&
	    a->first <= b->first + (b->bytes - 1) &&
	    b->first <= a->first + (a->bytes - 1);
}

static unsigned
count_overlaps(const struct pci *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->count * PCI_BARS; i++)
		for (unsigned j = 0; j < i; j++)
			n += overlap(
			    &p->function[i / PCI_BARS].bar[i % PCI_BARS],
			    &p->function[j / PCI_BARS].bar[j % PCI_BARS]);
	return n;
}

/* pci.hostile.1: any content: it ends, and no two ranges overlap. */
static void
hostile_content(void)
{
	unsigned long most = 0;
	unsigned      bad = 0;

	for (uint32_t seed = 1; seed <= 3000; seed++) {
		fake_begin(&s);
		s.noise = seed * 2654435761u;
		for (unsigned i = 0; i < 12; i++) {
			struct fake_function *f = fake_add(&s,
			    (uint16_t)(i < 6 ? pci_id(0, i, 0)
					     : fake_noise(&s) & 0x3ff),
			    1, 1, 0);

			for (unsigned b = 0; b < PCI_CONFIG; b++)
				f->config[b] = (uint8_t)fake_noise(&s);
			f->random = (seed & 1) != 0;
			for (unsigned b = 0; b < PCI_BARS; b++)
				f->size[b] = UINT64_C(1) << fake_noise(&s) % 40;
			if (fake_noise(&s) % 2 == 0)
				f->config[PCI_HEADER] &= HEADER_MULTI;
		}
		(void)!pci_scan(&s.pci);
		bad += count_overlaps(&s.pci);
		most = s.accesses > most ? s.accesses : most;
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(most < 300000);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(scan_finds_functions),
    RUNNER_TEST(scan_follows_bridges),
    RUNNER_TEST(scan_numbers_a_new_bridge),
    RUNNER_TEST(bars_are_sized),
    RUNNER_TEST(bars_get_addresses),
    RUNNER_TEST(bars_that_overlap_are_bad),
    RUNNER_TEST(capabilities_are_walked),
    RUNNER_TEST(routes_of_piix3),
    RUNNER_TEST(routes_of_ich9),
    RUNNER_TEST(silence_and_messages),
    RUNNER_TEST(reset_by_the_bridge),
    RUNNER_TEST(reset_keeps_addresses),
    RUNNER_TEST(rescan_finds_what_is_new),
    RUNNER_TEST(rescan_sees_a_swap),
    RUNNER_TEST(hostile_content),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "pci", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
