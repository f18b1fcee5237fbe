/* SPDX-License-Identifier: BSD-2-Clause */
/* A table to test with, and what the rest of the kernel supplies. */
#include "testsuite/unit/kernel/sched/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/hal/hal.h"

static struct activity table[TABLE];
uint64_t               deadline, clock_now;

_Noreturn void
panic_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: panic: %s\n", file, line, what);
	abort();
}

void
hal_clock_deadline(uint64_t when)
{
	deadline = when;
}

uint64_t
hal_clock_now(void)
{
	return clock_now;
}

void
table_start(uint32_t n)
{
	activity_init(table, n);
	wait_set_process(false, false);
}

struct activity *
running(uint64_t number)
{
	struct activity *a = activity_alloc((oid){number}, 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	a->state = KA_RUNNING;
	return a;
}

void
waits(struct activity *a, enum wait_kind kind, uint64_t key)
{
	CU_ASSERT_EQUAL(wait_on(kind, key), ST_WAIT);
	sched_wait(a);
}

bool
table_ok(void)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < activity_total(); i++) {
		const struct activity *a = activity_at(i);

		if (a == NULL)
			continue;
		used++;
		if (!activity_ok(a))
			return false;
	}
	return used + activity_free_count() == activity_total();
}
