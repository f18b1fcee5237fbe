/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/fixture.h"

/* catalogue.1: the built one has all drivers, with what they need. */
static void
the_catalogue_is_read(void)
{
	const struct catalogue        *c = fixture_catalogue();
	const struct catalogue_driver *d = &c->driver[fixture_driver("ide")];

	CU_ASSERT(c->count >= 5);
	CU_ASSERT_EQUAL(d->class, DEVDB_BLOCK);
	CU_ASSERT_EQUAL(d->nunits, 2);
	CU_ASSERT_STRING_EQUAL(d->unit[1].name, "secondary");
	CU_ASSERT_EQUAL(d->unit[1].port[0].first, 0x170);
	CU_ASSERT_EQUAL(d->unit[1].isa_irq[0], 15);
	CU_ASSERT_EQUAL(d->unit[1].bar_port[0].offset, 8);
	CU_ASSERT_EQUAL(d->restart_limit, 0);
	CU_ASSERT(d->resident && d->bus_master);
	CU_ASSERT_EQUAL(d->windows, 64);
}

/* catalogue.2: whatever bytes there are, it ends and says no or yes. */
static void
a_mutated_catalogue(void)
{
	static struct catalogue c;
	size_t   bytes = (size_t)(test_catalogue_end - test_catalogue);
	uint8_t *copy = malloc(bytes);
	unsigned ok = 0, bad = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	srand(1);
	/* Not the header: it is checked by libfdt and is our own build's. */
	for (int n = 0; n < 20000; n++) {
		memcpy(copy, test_catalogue, bytes);
		copy[64 + (size_t)rand() % (bytes - 64)] ^= (uint8_t)(1 +
		    rand() % 255);
		if (catalogue_read(&c, copy, bytes) == RC_OK)
			ok++;
		else
			bad++;
	}
	CU_ASSERT(ok > 0);
	CU_ASSERT(bad > 0);
	CU_ASSERT_EQUAL(catalogue_read(&c, copy, 10), RC_CORRUPT);
	memset(copy, 0, 64);
	CU_ASSERT_EQUAL(catalogue_read(&c, copy, bytes), RC_CORRUPT);
	free(copy);
}

static int
driver_of(uint16_t vendor, uint16_t device, uint32_t class)
{
	struct pci_function f;
	struct board_device b;

	fixture_function(&f, 0x20, vendor, device, class);
	b = fixture_pci(&f);
	return match_find(fixture_catalogue(), &b).driver;
}

/* match.1: QEMU's devices find their drivers, others none. */
static void
devices_find_their_drivers(void)
{
	struct board_device com = {.bus = CONTROL_BUS_ISA, .id = "PNP0501"};
	struct board_device host = {.bus = CONTROL_BUS_FIXED, .id = "pci-host"};

	CU_ASSERT_EQUAL(
	    driver_of(0x1af4, 0x1042, 0x010000), fixture_driver("virtio-blk"));
	CU_ASSERT_EQUAL(
	    driver_of(0x1af4, 0x1001, 0x010000), fixture_driver("virtio-blk"));
	CU_ASSERT_EQUAL(
	    driver_of(0x8086, 0x7010, 0x010180), fixture_driver("ide"));
	CU_ASSERT_EQUAL(
	    driver_of(0x1234, 0x5678, 0x01018a), fixture_driver("ide"));
	CU_ASSERT_EQUAL(
	    driver_of(0x8086, 0x7113, 0x068000), fixture_driver("acpi-pm"));
	CU_ASSERT_EQUAL(
	    driver_of(0x8086, 0x2918, 0x060100), fixture_driver("acpi-pm"));
	CU_ASSERT_EQUAL(driver_of(0x8086, 0x29ff, 0x010681), -1);
	CU_ASSERT_EQUAL(driver_of(0x1af4, 0x10ff, 0x020000), -1);
	/* An IDE controller in native mode has other ports. */
	CU_ASSERT_EQUAL(driver_of(0x1234, 0x5678, 0x010185), -1);
	CU_ASSERT_EQUAL(match_find(fixture_catalogue(), &com).driver,
	    fixture_driver("uart"));
	CU_ASSERT_EQUAL(match_find(fixture_catalogue(), &host).driver,
	    fixture_driver("pci"));
}

static struct catalogue_driver
one_match(struct match_entry m)
{
	return (struct catalogue_driver){.nmatch = 1, .match[0] = m};
}

/* match.2: the more exact entry wins; subsystem and revision decide. */
static void
the_more_exact_wins(void)
{
	static struct catalogue  c;
	struct pci_function      f;
	struct board_device      b;
	const struct match_entry any = {.bus = CONTROL_BUS_PCI,
	    .vendor = ANY,
	    .device = ANY,
	    .subvendor = ANY,
	    .subdevice = ANY,
	    .class = ANY,
	    .class_mask = 0xffffff,
	    .revision_most = 255};
	struct match_entry       m = any;

	c.count = 4;
	m.class = 0x030000;
	c.driver[0] = one_match(m);
	m = any;
	m.vendor = 0x1234;
	m.device = 0x1111;
	c.driver[1] = one_match(m);
	m.revision_least = m.revision_most = 2;
	c.driver[2] = one_match(m);
	m.revision_least = 0;
	m.revision_most = 255;
	m.subvendor = 0x1af4;
	m.subdevice = 0x1100;
	c.driver[3] = one_match(m);
	fixture_function(&f, 0x10, 0x1234, 0x1111, 0x030000);
	b = fixture_pci(&f);
	CU_ASSERT_EQUAL(match_find(&c, &b).driver, 1);
	f.revision = 2;
	CU_ASSERT_EQUAL(match_find(&c, &b).driver, 2);
	f.subvendor = 0x1af4;
	f.subdevice = 0x1100;
	CU_ASSERT_EQUAL(match_find(&c, &b).driver, 3);
	f.device = 0x2222;
	CU_ASSERT_EQUAL(match_find(&c, &b).driver, 0);
	CU_ASSERT_EQUAL(match_find(&c, &b).rival, -1);
	c.driver[1] = c.driver[0];
	CU_ASSERT_EQUAL(match_find(&c, &b).rival, 1);
	/* An entry that asks for nothing matches nothing. */
	c.driver[0] = c.driver[1] = one_match(any);
	CU_ASSERT_EQUAL(match_find(&c, &b).driver, -1);
}

/* match.3: why says which line failed, and never more than fits. */
static void
why_names_the_line(void)
{
	struct pci_function     f;
	struct board_device     b;
	char                    text[2048], small[8];
	static struct catalogue holed;

	fixture_function(&f, 0xfa, 0x8086, 0x29ff, 0x010681);
	b = fixture_pci(&f);
	CU_ASSERT_STRING_EQUAL(b.name, "00:1f.2");
	match_why(fixture_catalogue(), &b, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "ide: another class\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "for other devices: "));
	/* Not even a comma for a place from which a driver was removed. */
	holed = *fixture_catalogue();
	holed.driver[holed.count - 1] = (struct catalogue_driver){.name = ""};
	match_why(&holed, &b, text, sizeof(text));
	CU_ASSERT_PTR_NULL(strstr(text, ", \n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "result: no driver matches\n"));
	match_why(fixture_catalogue(), &b, small, sizeof(small));
	CU_ASSERT(strlen(small) < sizeof(small));
	CU_ASSERT_STRING_EQUAL(match_class_name(0x010601), "AHCI");
	CU_ASSERT(match_is_storage(0x010601));
	f.device = 0x7010;
	f.class = 0x010180;
	match_why(fixture_catalogue(), &b, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "ide: score "));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(the_catalogue_is_read),
    RUNNER_TEST(a_mutated_catalogue),
    RUNNER_TEST(devices_find_their_drivers),
    RUNNER_TEST(the_more_exact_wins),
    RUNNER_TEST(why_names_the_line),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "match", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
