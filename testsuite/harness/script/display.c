/* SPDX-License-Identifier: BSD-2-Clause */
/* The display class: what is to be shown is on the screen, and nothing else. */
#include <string.h>

#include "testsuite/harness/far.h"
#include "testsuite/harness/orders.h"
#include "uldrv/class/display.h"

enum { LOOKED_AT = 640 }; /* Four rows: each cell is an access to fail. */

static uint8_t expected[DISPLAY_BYTES];

static void
show(struct orders *o, uint32_t offset, uint32_t bytes, uint8_t seed)
{
	uint8_t *cells = orders_data(o, offset);

	for (uint32_t i = 0; i < bytes; i++)
		cells[i] = (uint8_t)(seed + i * 3 + i / 160);
	memcpy(expected + offset, cells, bytes);
	(void)orders_try(o, DISPLAY_SHOW, bytes, offset, 0, RC_OK);
}

static void
look(struct orders *o, unsigned cursor)
{
	far_look(o->h);
	if (!o->ended || far_sent.count == 0 || o->h->fault.sticky)
		return;
	if (memcmp(far_sent.byte, expected, LOOKED_AT) != 0)
		orders_wrong(o, "the screen is not what was to be shown");
	if ((far_sent.byte[DISPLAY_BYTES] |
		(unsigned)far_sent.byte[DISPLAY_BYTES + 1] << 8) != cursor)
		orders_wrong(o, "the cursor is elsewhere");
}

static void
refused(struct orders *o)
{
	(void)orders_try(o, DISPLAY_ORDERS, 0, 0, 0, RC_ORDER);
	(void)orders_try(o, DISPLAY_SHOW, 0, 0, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, 3, 0, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, 2, 1, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, 2, DISPLAY_BYTES, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, DISPLAY_BYTES, 2, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, 4096, 0, 0, RC_ARGUMENT);
	(void)orders_try(o, DISPLAY_SHOW, 2, UINT64_MAX - 1, 0, RC_ARGUMENT);
}

static void
run(struct orders *o)
{
	show(o, 0, LOOKED_AT, 1);
	show(o, DISPLAY_BYTES - 4, 4, 9);
	(void)orders_try(o, DISPLAY_CURSOR, 0, 0, 1234, RC_OK);
	look(o, 1234);
	show(o, 160, 20, 77);
	(void)orders_try(o, DISPLAY_CURSOR, 0, 0, 3, RC_OK);
	(void)orders_try(o, DISPLAY_CURSOR, 0, 0, UINT64_MAX, RC_OK);
	look(o, 3);
	refused(o);
	look(o, 3);
}

static void
converse(struct orders *o)
{
	show(o, 320, 20, 5);
	(void)orders_try(o, DISPLAY_CURSOR, 0, 0, 1234, RC_OK);
	(void)orders_try(o, DISPLAY_CURSOR, 0, 0, UINT64_MAX, RC_OK);
}

const struct order_script script = {
    .data_pages = 1,
    .run = run,
    .converse = converse,
    .deaths = 6,
};
