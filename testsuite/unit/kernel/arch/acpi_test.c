/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/acpi_build.h"
#include "testsuite/unit/kernel/arch/suites.h"

#include <stdlib.h>

static struct firmware firmware;

static void
check_all(const struct acpi *a)
{
	CU_ASSERT_EQUAL(a->lapic, 0xfee00000);
	CU_ASSERT_EQUAL(a->nioapics, 1);
	CU_ASSERT_EQUAL(a->ioapic[0].address, 0xfec00000);
	CU_ASSERT_EQUAL(a->noverrides, 2);
	CU_ASSERT_EQUAL(a->override[0].gsi, 2);
	CU_ASSERT_FALSE(a->override[0].level);
	CU_ASSERT_EQUAL(a->override[1].isa, 9);
	CU_ASSERT_TRUE(a->override[1].level && a->override[1].low);
	CU_ASSERT_TRUE(a->nmi_lint[1] && !a->nmi_lint[0]);
	CU_ASSERT_TRUE(a->reset);
	CU_ASSERT_EQUAL(a->reset_address, 0xcf9);
	CU_ASSERT_EQUAL(a->reset_value, 0x0f);
	CU_ASSERT_EQUAL(a->pm_timer, 0x608);
	CU_ASSERT_EQUAL(a->hpet, 0xfed00000);
	CU_ASSERT_EQUAL(a->nunits, 1);
	CU_ASSERT_EQUAL(a->unit[0], 0xfed90000);
}

/* acpi.read.1: all that is used is found, by RSDT and by XSDT. */
static void
tables_are_read(void)
{
	struct acpi a;

	CU_ASSERT_EQUAL(
	    firmware_read(&firmware, firmware_full(&firmware, false), &a),
	    RC_OK);
	check_all(&a);
	CU_ASSERT_EQUAL(
	    firmware_read(&firmware, firmware_full(&firmware, true), &a),
	    RC_OK);
	check_all(&a);
}

/* acpi.read.2: no pointer, or a wrong one: nothing, and nothing read. */
static void
no_root_is_no_error(void)
{
	struct acpi a;
	uint32_t    rsdp = firmware_full(&firmware, false);

	CU_ASSERT_EQUAL(firmware_read(&firmware, 0, &a), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(firmware_read(&firmware, 0x1000, &a), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(firmware_read(&firmware, rsdp + 16, &a), RC_NOT_FOUND);
	firmware.byte[rsdp - MEMORY_FIRST + 8] ^= 1;
	CU_ASSERT_EQUAL(firmware_read(&firmware, rsdp, &a), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(a.nioapics, 0);
}

/* acpi.read.3: a table with a wrong checksum is left out, others are used. */
static void
bad_checksums_are_refused(void)
{
	struct acpi a;
	uint32_t    rsdp = firmware_full(&firmware, false);

	firmware.byte[firmware.table[0] - MEMORY_FIRST + 40] ^= 1;
	CU_ASSERT_EQUAL(firmware_read(&firmware, rsdp, &a), RC_OK);
	CU_ASSERT_EQUAL(a.nioapics, 0);
	CU_ASSERT_EQUAL(a.hpet, 0xfed00000);
}

/* acpi.read.4: lengths that cannot be are refused. */
static void
bad_lengths_are_refused(void)
{
	static const uint32_t lengths[] = {
	    0, 8, 35, 65537, 0xffffffff, MEMORY_BYTES};
	struct acpi a;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const uint32_t rsdp = firmware_full(&firmware, false);
		uint8_t *t = firmware.byte + (firmware.table[0] - MEMORY_FIRST);

		memcpy(t + 4, &lengths[i], 4);
		CU_ASSERT_EQUAL(firmware_read(&firmware, rsdp, &a), RC_OK);
		CU_ASSERT_EQUAL(a.nioapics, 0);
	}
}

/* acpi.madt.1: an entry of length 0, or beyond the end, ends the walk. */
static void
bad_entries_end_the_walk(void)
{
	static const uint8_t zero[] = {0, 0, 0xe0, 0xfe, 1, 0, 0, 0, 1, 0};
	static const uint8_t beyond[] = {
	    0, 0, 0xe0, 0xfe, 1, 0, 0, 0, 1, 12, 0, 0, 0, 0, 0xc0};
	struct acpi a;

	memset(&firmware, 0, sizeof(firmware));
	(void)firmware_table(&firmware, "APIC", zero, sizeof(zero));
	CU_ASSERT_EQUAL(
	    firmware_read(&firmware, firmware_root(&firmware, false), &a),
	    RC_OK);
	CU_ASSERT_EQUAL(a.nioapics, 0);
	memset(&firmware, 0, sizeof(firmware));
	(void)firmware_table(&firmware, "APIC", beyond, sizeof(beyond));
	CU_ASSERT_EQUAL(
	    firmware_read(&firmware, firmware_root(&firmware, false), &a),
	    RC_OK);
	CU_ASSERT_EQUAL(a.nioapics, 0);
}

const struct runner_test acpi_tests[] = {
    RUNNER_TEST(tables_are_read),
    RUNNER_TEST(no_root_is_no_error),
    RUNNER_TEST(bad_checksums_are_refused),
    RUNNER_TEST(bad_lengths_are_refused),
    RUNNER_TEST(bad_entries_end_the_walk),
    {NULL, NULL},
};

/* Change a few bytes, put the checksums right, and read: no access beyond
 * what was asked for (the sanitizer), and every count within its bound. */
static void
mutations_are_survived(void)
{
	enum { ROUNDS = 30000 };
	unsigned wrong = 0;

	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		const bool     xsdt = rand() % 2 == 0;
		const uint32_t rsdp = firmware_full(&firmware, xsdt);
		struct acpi    a;

		for (int i = rand() % 6; i >= 0; i--)
			firmware.byte[(unsigned)rand() % firmware.used] =
			    (uint8_t)rand();
		for (unsigned i = 0; i < firmware.ntables; i++) {
			uint8_t *t = firmware.byte +
			    (firmware.table[i] - MEMORY_FIRST);
			const uint32_t bytes = acpi_32(t + 4);

			if (bytes >= 36 &&
			    bytes <= MEMORY_BYTES -
				    (firmware.table[i] - MEMORY_FIRST))
				firmware_sum(t, bytes, 9);
		}
		(void)firmware_read(&firmware, rsdp, &a);
		if (a.nioapics > ACPI_IOAPICS || a.nunits > ACPI_UNITS ||
		    a.noverrides > ACPI_OVERRIDES)
			wrong++;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

const struct runner_test acpi_fuzz_tests[] = {
    RUNNER_TEST(mutations_are_survived),
    {NULL, NULL},
};
