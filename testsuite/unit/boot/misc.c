/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/crc32c.h"
#include "boot/bios/format.h"
#include "boot/bios/rsdp.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/unit/boot/suites.h"

/* boot.crc.1: RFC 3720, B.4, by both ways, and in pieces. */
static void
sums(void)
{
	const char check[] = "123456789";
	uint8_t    data[200];
	uint32_t   whole, parts;

	CU_ASSERT_EQUAL(boot_crc_table(0, check, 9), 0xe3069283);
	CU_ASSERT_EQUAL(boot_crc_instruction(0, check, 9), 0xe3069283);
	memset(data, 0, 32);
	CU_ASSERT_EQUAL(boot_crc_table(0, data, 32), 0x8a9136aa);
	memset(data, 0xff, 32);
	CU_ASSERT_EQUAL(boot_crc_table(0, data, 32), 0x62a8ab43);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t n = 0; n <= sizeof(data); n++) {
		whole = boot_crc_table(0, data, n);
		CU_ASSERT_EQUAL(boot_crc_instruction(0, data, n), whole);
		parts = boot_crc(0, data, n / 3);
		CU_ASSERT_EQUAL(
		    boot_crc(parts, data + n / 3, n - n / 3), whole);
	}
	whole = boot_crc_without(data, sizeof(data), 12);
	memset(data + 12, 0, 4);
	CU_ASSERT_EQUAL(boot_crc_table(0, data, sizeof(data)), whole);
}

static size_t
text(char *to, size_t size, const char *format, ...)
{
	va_list args;
	size_t  n;

	va_start(args, format);
	n = format_text(to, size, format, args);
	va_end(args);
	return n;
}

/* boot.format.1: the conversions, padding, and an end that is always there. */
static void
formats(void)
{
	char s[32];

	CU_ASSERT_EQUAL(text(s, sizeof(s), "a%sb%c%%", "xyz", '!'), 7);
	CU_ASSERT_STRING_EQUAL(s, "axyzb!%");
	text(s, sizeof(s), "%u %x %2x %4x", 4294967295u, 0xabcu, 5u, 0x12345u);
	CU_ASSERT_STRING_EQUAL(s, "4294967295 abc 05 12345");
	CU_ASSERT_EQUAL(text(s, 5, "%s", "abcdefgh"), 4);
	CU_ASSERT_STRING_EQUAL(s, "abcd");
	CU_ASSERT_EQUAL(text(s, 1, "%u", 7u), 0);
	CU_ASSERT_STRING_EQUAL(s, "");
	CU_ASSERT_EQUAL(text(s, sizeof(s), "50%"), 2);
}

static void
rsdp_make(uint8_t *p, uint8_t revision, uint32_t length)
{
	uint8_t sum = 0;

	memset(p, 0, 36);
	memcpy(p, "RSD PTR ", 8);
	p[15] = revision;
	memcpy(p + 20, &length, 4);
	for (int i = 0; i < 20; i++)
		sum = (uint8_t)(sum + p[i]);
	p[8] = (uint8_t)-sum;
	sum = 0;
	for (int i = 0; i < 36; i++)
		sum = (uint8_t)(sum + p[i]);
	p[32] = (uint8_t)-sum;
}

/* boot.rsdp.1: by signature and checksums, on 16 bytes, inside the memory. */
static void
root_pointer(void)
{
	uint8_t m[128] = {0};

	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), -1);
	rsdp_make(m + 48, 0, 0);
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), 48);
	CU_ASSERT_EQUAL(rsdp_find(m, 48 + 19), -1);
	CU_ASSERT_EQUAL(rsdp_find(m, 48 + 20), 48);
	m[50] ^= 1;
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), -1);
	rsdp_make(m + 48, 2, 36);
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), 48);
	CU_ASSERT_EQUAL(rsdp_find(m, 48 + 35), -1);
	rsdp_make(m + 48, 2, 400);
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), -1);
	rsdp_make(m + 48, 2, 20);
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), -1);
	rsdp_make(m + 48, 2, 36);
	m[48 + 33] ^= 1;
	CU_ASSERT_EQUAL(rsdp_find(m, sizeof(m)), -1);
}

const struct runner_test boot_misc_tests[] = {
    RUNNER_TEST(sums),
    RUNNER_TEST(formats),
    RUNNER_TEST(root_pointer),
    {NULL, NULL},
};
