/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/core/calendar.h"
#include "kernel/core/core.h"

#include <stdlib.h>
#include <time.h>

static uint8_t
bcd(int v)
{
	return (uint8_t)(v / 10 * 16 + v % 10);
}

static struct bcd_time
bcd_of(const struct tm *t)
{
	return (struct bcd_time){
	    .century = bcd((t->tm_year + 1900) / 100),
	    .year = bcd((t->tm_year + 1900) % 100),
	    .month = bcd(t->tm_mon + 1),
	    .day = bcd(t->tm_mday),
	    .hour = bcd(t->tm_hour),
	    .minute = bcd(t->tm_min),
	    .second = bcd(t->tm_sec),
	};
}

/* D13: agrees with the C library, every 100,000 seconds until 2199. */
static void
calendar_agrees_with_libc(void)
{
	unsigned wrong = 0;

	for (time_t at = 86399; at < 7258118400; at += 99991) {
		struct tm       t;
		struct bcd_time b;

		if (gmtime_r(&at, &t) == NULL)
			wrong++;
		b = bcd_of(&t);
		wrong += calendar_unix(&b) == (uint64_t)at ? 0 : 1;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

/* D13: what is no time is none. */
static void
calendar_refuses_nonsense(void)
{
	const struct bcd_time good = {0x20, 0x24, 0x02, 0x29, 0x23, 0x59, 0x59};
	struct bcd_time       b = good;

	CU_ASSERT_EQUAL(calendar_unix(&good), 1709251199);
	b.century = 0; /* The loader's word for "not available". */
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.year = 0x23; /* No leap year. */
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.month = 0x13;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b.month = 0;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.day = 0;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.hour = 0x24;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.second = 0x5a;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
	b = good;
	b.minute = 0xff;
	CU_ASSERT_EQUAL(calendar_unix(&b), 0);
}

static uint64_t
log_end(void)
{
	size_t n;

	return log_read(UINT64_MAX, NULL, 0, &n);
}

/* log.line.1: the formats of core.h. */
static void
log_formats(void)
{
	char     text[128];
	size_t   n;
	uint64_t from = log_end();

	log_line("%s %u %x %lu %lx %% %u.", "a", 4294967295u, 0xbeefu,
	    UINT64_MAX, UINT64_MAX, 0u);
	CU_ASSERT_EQUAL(log_read(from, text, sizeof(text), &n), log_end());
	text[n] = '\0';
	CU_ASSERT_STRING_EQUAL(text,
	    "a 4294967295 beef "
	    "18446744073709551615 ffffffffffffffff "
	    "% 0.\n");
}

/* log.read.1: old text is skipped, never repeated; positions count bytes. */
static void
log_wraps(void)
{
	static char text[2 * LOG_BYTES];
	size_t      n;
	uint64_t    from = log_end(), at;

	for (int i = 0; i < 3 * LOG_BYTES; i++) {
		const char c = (char)('a' + i % 26);

		log_append(&c, 1);
	}
	at = log_read(from, text, sizeof(text), &n);
	CU_ASSERT_EQUAL(at, from + 3 * LOG_BYTES);
	CU_ASSERT_EQUAL(n, LOG_BYTES);
	CU_ASSERT_EQUAL(text[0], 'a' + 2 * LOG_BYTES % 26);
	at = log_read(at - 10, text, 4, &n);
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_EQUAL(at, log_end() - 6);
	(void)log_read(UINT64_MAX, text, 4, &n);
	CU_ASSERT_EQUAL(n, 0);
}

const struct runner_test core_tests[] = {
    RUNNER_TEST(calendar_agrees_with_libc),
    RUNNER_TEST(calendar_refuses_nonsense),
    RUNNER_TEST(log_formats),
    RUNNER_TEST(log_wraps),
    {NULL, NULL},
};
