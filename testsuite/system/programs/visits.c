/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts its runs in the collection in register 8, which outlives them, and
 * says by name which capability it holds in each register that it can try.
 */
#include <stdio.h>
#include <string.h>

#include "userland/rt/idl/broker.stub.h"
#include "userland/rt/idl/records.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"

#define KEY "visits"

enum { REG_COLLECTION = REG_OWN, REG_RANDOM = REG_OWN + 1 };

static enum status
store(char count)
{
	char record[sizeof(KEY)];

	memcpy(record, KEY, sizeof(KEY) - 1);
	record[sizeof(KEY) - 1] = count;
	return records_put(
	    REG_COLLECTION, sizeof(KEY) - 1, record, sizeof(record));
}

int
main(void)
{
	char        count = 0;
	size_t      n = 0;
	uint64_t    is_cap = 0, seconds = 0;
	enum status st = records_get(REG_COLLECTION, KEY, sizeof(KEY) - 1,
	    &count, sizeof(count), &n, REG_VOID, &is_cap);

	if (st == RC_OK || st == RC_NOT_FOUND)
		st = store((char)(count + 1));
	log_printf("visits: %d, status %d\n", count + 1, (int)st);
	/* Random bytes only: the clock of the same broker is refused. */
	log_printf("visits: the time is refused with %d\n",
	    (int)broker_time(REG_RANDOM, &seconds));
	return 0;
}
