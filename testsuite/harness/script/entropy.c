/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy class: bytes come, and they are not all the same. */
#include <string.h>

#include "testsuite/harness/orders.h"
#include "uldrv/class/entropy.h"

enum { PAGES = 1, END = PAGES * PAGE_SIZE };

/* All of it, in as many orders as it takes. */
static void
read_bytes(struct orders *o, uint32_t offset, uint32_t bytes)
{
	uint8_t *data = orders_data(o, offset);
	uint32_t got = 0, same = 0;

	memset(data, 0, bytes + 1);
	for (unsigned i = 0; i < bytes && got < bytes && o->ended; i++) {
		struct order_completion done = orders_try(
		    o, ENTROPY_READ, bytes - got, offset + got, 0, RC_OK);

		if (done.status == RC_OK && done.bytes == 0)
			orders_wrong(o, "no bytes at all");
		got += done.bytes;
	}
	if (!o->ended)
		return;
	for (uint32_t i = 1; i < bytes; i++)
		same += data[i] == data[0];
	if (got < bytes && !o->h->fault.sticky)
		orders_wrong(o, "fewer bytes than asked for");
	if (got == bytes && bytes >= 16 && same == bytes - 1)
		orders_wrong(o, "all bytes are the same");
	if (data[bytes] != 0)
		orders_wrong(o, "more bytes than asked for");
}

static void
run(struct orders *o)
{
	uint64_t all = 0;

	read_bytes(o, 0, 16);
	read_bytes(o, 100, 200);
	(void)orders_try(o, ENTROPY_ORDERS, 0, 0, 0, RC_ORDER);
	(void)orders_try(o, ENTROPY_READ, 0, 0, 0, RC_ARGUMENT);
	(void)orders_try(o, ENTROPY_READ, ENTROPY_MOST + 1, 0, 0, RC_ARGUMENT);
	(void)orders_try(o, ENTROPY_READ, 2, END - 1, 0, RC_ARGUMENT);
	(void)orders_try(o, ENTROPY_READ, 1, END, 0, RC_ARGUMENT);
	(void)orders_try(o, ENTROPY_READ, 1, UINT64_MAX, 0, RC_ARGUMENT);
	for (unsigned i = 0; i < 12 && o->ended; i++)
		all |= UINT64_C(1)
		    << orders_give(o, ENTROPY_READ, 32, i * 64, 0);
	if (o->ended)
		(void)orders_wait(o, all, 60 * SECOND);
	read_bytes(o, END - 65, 64);
}

static void
converse(struct orders *o)
{
	(void)orders_try(o, ENTROPY_READ, 32, 0, 0, RC_OK);
	(void)orders_try(o, ENTROPY_READ, 1, 100, 0, RC_OK);
}

const struct order_script script = {
    .data_pages = PAGES,
    .run = run,
    .converse = converse,
};
