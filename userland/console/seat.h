/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Screen and keyboard of the console: the client's side of one display and one
 * input driver. Pure code; who rings whom is main.c's affair.
 *
 * Invariants:
 *  1. While an order to show cells is open the data area is the driver's, and
 *     nothing is written into it.
 *  2. What a driver writes into its ring is checked; one that breaks it is
 *     disconnected until it is restarted. One that says more of its data area
 *     than is there has broken it.
 *  3. A ring that shows another generation than the server has said is not
 *     looked at until seat_again: who would ask at once might ask for ever.
 */
#ifndef USERLAND_CONSOLE_SEAT_H
#define USERLAND_CONSOLE_SEAT_H

#include "userland/console/console.h"
#include "userland/console/keymap.h"

enum { SEAT_KEYS = 8 }; /* Events that are waited for at a time. */

struct seat_link {
	struct order_ring *ring;
	struct ring_end    request, completion;
	struct ring_watch  watch; /* Invariant 3. */
};

struct seat {
	struct seat_link display, keyboard;
	struct keymap    keymap;
	bool             showing; /* An order to show is open. */
	unsigned         cursor;  /* Where the display has it. */
};

enum seat_joined {
	SEAT_JOINED,
	SEAT_LATER,  /* It shows another generation: invariant 3. */
	SEAT_BROKEN, /* Its data area is not as large as it says. */
};

/* The ring of a new driver instance, with so many pages of a data area. */
enum seat_joined seat_display(struct seat *s, struct console *c,
    struct order_ring *ring, uint32_t generation, unsigned pages) must_check;
enum seat_joined seat_keyboard(struct seat *s, struct order_ring *ring,
    uint32_t generation) must_check;

/* Shows what has changed; true: ring the display's driver. */
bool seat_show(struct seat *s, struct console *c);

/* Takes keys; true: ring the keyboard's driver. */
bool seat_keys(struct seat *s, struct console *c);

/* There is another instance, or none yet; one that is gone is forgotten. */
bool seat_stale(struct seat_link *l);

/* A while has passed: what was put off is due. */
void seat_again(struct seat *s);

#endif
