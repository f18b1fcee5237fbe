/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/core/string.c under other names, against plain loops. */
#include <CUnit/CUnit.h>

#include "testsuite/runner/runner.h"

#define memcpy  kernel_memcpy
#define memset  kernel_memset
#define memmove kernel_memmove
#define memcmp  kernel_memcmp
#include "kernel/core/string.c"

enum { BYTES = 96 };

static void
fill(uint8_t *p)
{
	for (unsigned i = 0; i < BYTES; i++)
		p[i] = (uint8_t)(i * 7 + 1);
}

/* string.move.1: every offset and length within the buffer. */
static void
moves_agree_with_a_loop(void)
{
	uint8_t  a[BYTES], b[BYTES], was[BYTES];
	unsigned wrong = 0;

	fill(was);
	for (unsigned to = 0; to < 40; to++)
		for (unsigned from = 0; from < 40; from++)
			for (unsigned n = 0; n <= 56; n++) {
				fill(a);
				fill(b);
				for (unsigned i = 0; i < n; i++)
					b[to + i] = was[from + i];
				(void)kernel_memmove(a + to, a + from, n);
				for (unsigned i = 0; i < BYTES; i++)
					wrong += a[i] != b[i];
			}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* string.set.1, string.copy.1: nothing beyond n. */
static void
sets_and_copies(void)
{
	uint8_t  a[BYTES], b[BYTES];
	unsigned wrong = 0;

	for (unsigned at = 0; at < 9; at++)
		for (unsigned n = 0; n <= 80; n++) {
			fill(a);
			fill(b);
			(void)kernel_memset(a + at, 0x1a5, n);
			for (unsigned i = 0; i < BYTES; i++)
				wrong += a[i] !=
				    (i >= at && i < at + n ? 0xa5 : b[i]);
			(void)kernel_memcpy(a + at, b + at, n);
			for (unsigned i = 0; i < BYTES; i++)
				wrong += a[i] != b[i];
		}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* string.compare.1: the first difference decides, as unsigned bytes. */
static void
compares(void)
{
	uint8_t  a[BYTES], b[BYTES];
	unsigned wrong = 0;

	for (unsigned at = 0; at < 40; at++) {
		fill(a);
		fill(b);
		wrong += kernel_memcmp(a, b, 41) != 0;
		a[at] = 0x80;
		b[at] = 0x7f;
		wrong += kernel_memcmp(a, b, at) != 0;
		wrong += kernel_memcmp(a, b, 41) <= 0;
		wrong += kernel_memcmp(b, a, 41) >= 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(moves_agree_with_a_loop),
    RUNNER_TEST(sets_and_copies),
    RUNNER_TEST(compares),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "string", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
