/* SPDX-License-Identifier: BSD-2-Clause */
/* The input class: keys are pressed at the far end, and events come. */
#include "testsuite/harness/far.h"
#include "testsuite/harness/orders.h"
#include "uldrv/class/input.h"

#define KEY_TIME (12 * SECOND) /* A lost interrupt costs 10. */

enum { TRIES = 4 };

struct key {
	uint8_t  byte[6], count;
	uint16_t event;
};

static const struct key keys[] = {
    {{0x1e}, 1, INPUT_DOWN | 0x1e}, /* A */
    {{0x9e}, 1, 0x1e},
    {{0xe0, 0x48}, 2, INPUT_DOWN | INPUT_EXTENDED | 0x48}, /* Up */
    {{0xe0, 0xc8}, 2, INPUT_EXTENDED | 0x48},
    {{0x1c}, 1, INPUT_DOWN | 0x1c}, /* Enter */
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

/* Some time passes. */
static void
pass(struct orders *o)
{
	o->h->listening = true;
	if (!harness_run(o->h, 10 * MILLISECOND) && !orders_restart(o))
		o->ended = false;
}

/* One byte after the other, as a keyboard has time for. */
static void
press(struct orders *o, const struct key *k)
{
	pass(o);
	for (unsigned i = 0; i < k->count; i++) {
		far_receive(o->h, k->byte[i]);
		pass(o);
	}
}

static void
one(struct orders *o, const struct key *k, bool pressed)
{
	unsigned n = orders_give(o, INPUT_EVENT, 0, 0, 0);

	for (int i = 0; i < TRIES && o->ended && o->order[n].open; i++) {
		if (!pressed || i > 0)
			press(o, k);
		if (o->ended && !orders_wait(o, UINT64_C(1) << n, KEY_TIME) &&
		    o->restarts <= o->restarts_max)
			o->ended = true; /* The key was lost: again. */
	}
	if (!o->ended)
		return;
	if (o->order[n].open) {
		if (!o->h->fault.sticky)
			orders_wrong(o, "the key did not come");
		o->ended = o->h->fault.sticky;
	} else if (o->order[n].done.result != k->event &&
	    o->h->fault.fired == 0 && o->restarts == 0) {
		/* Before a fault, for later another may come late. */
		orders_wrong(o, "that is another key");
	}
}

static void
run(struct orders *o)
{
	static const struct key pause = {
	    {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5}, 6, 0};

	for (unsigned i = 0; i < KEYS && o->ended; i++)
		one(o, &keys[i], false);
	(void)orders_try(o, INPUT_ORDERS, 0, 0, 0, RC_ORDER);
	(void)orders_try(o, INPUT_EVENT, 1, 0, 0, RC_ARGUMENT);
	/* Keys wait for orders, and one that means nothing is none. */
	if (o->ended)
		press(o, &pause);
	for (unsigned i = 0; i < KEYS && o->ended; i++)
		press(o, &keys[i]);
	for (unsigned i = 0; i < KEYS && o->ended; i++)
		one(o, &keys[i], true);
}

/* Keys of one byte: after it only the driver's answer is awaited. */
static void
converse(struct orders *o)
{
	for (unsigned i = 0; i < KEYS && o->ended; i++) {
		unsigned n;

		if (keys[i].count != 1)
			continue;
		n = orders_give(o, INPUT_EVENT, 0, 0, 0);
		pass(o);
		far_receive(o->h, keys[i].byte[0]);
		(void)orders_wait(o, UINT64_C(1) << n, KEY_TIME);
	}
}

const struct order_script script = {
    .data_pages = 1,
    .run = run,
    .converse = converse,
};
