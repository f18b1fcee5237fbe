/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.h for tests that have no scheduler: notes what was asked. */
#include "testsuite/unit/kernel/fake/fake.h"

enum status
wait_on(enum wait_kind kind, uint64_t key)
{
	if (fake.resident && kind != WAIT_PROCESS)
		return RC_NOT_RESIDENT;
	fake.wait_kind = kind;
	fake.wait_key = key;
	fake.noted = true;
	return ST_WAIT;
}

bool
wait_uses_reserve(void)
{
	return fake.reserve;
}

bool
wait_stalled(void)
{
	return fake.stalled;
}

void
wait_wake(enum wait_kind kind, uint64_t key)
{
	fake.wakes[kind]++;
	if (fake.woken != NULL)
		fake.woken(kind, key);
}

void
wait_wake_one(enum wait_kind kind, uint64_t key)
{
	wait_wake(kind, key);
}
