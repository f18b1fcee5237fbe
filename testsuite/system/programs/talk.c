/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Says a word into the pipe whose end it has in register 8, or hears one there,
 * if that is the other end; then it looks into another one's collection.
 */
#include "userland/rt/idl/pipe.stub.h"
#include "userland/rt/idl/records.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"

enum { REG_PIPE = REG_OWN, REG_COLLECTION = REG_OWN + 1 };

static const char word[] = "good morning";

int
main(void)
{
	char        heard[sizeof(word)] = "", count = 0;
	uint64_t    taken = 0, is_cap = 0;
	size_t      n = 0;
	enum status st = pipe_write(REG_PIPE, word, sizeof(word) - 1, &taken);

	if (st != RC_RIGHTS) {
		log_printf("talk: said %lu, status %d\n", taken, (int)st);
		return 0;
	}
	st = pipe_read(
	    REG_PIPE, sizeof(word) - 1, heard, sizeof(heard) - 1, &n);
	log_printf("talk: heard '%s', status %d\n", heard, (int)st);
	st = records_get(
	    REG_COLLECTION, "visits", 6, &count, 1, &n, REG_VOID, &is_cap);
	log_printf("talk: %d visits, status %d; put: %d\n", count, (int)st,
	    (int)records_put(REG_COLLECTION, 1, "xy", 2));
	/* Whoever made the pipe may be forgotten while this waits. */
	st = pipe_read(
	    REG_PIPE, sizeof(word) - 1, heard, sizeof(heard) - 1, &n);
	log_printf("talk: no more, status %d\n", (int)st);
	return 0;
}
