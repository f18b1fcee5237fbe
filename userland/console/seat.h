/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Screen and keyboard of the console: the client's side of one display and one
 * input driver. Pure code; who rings whom is main.c's affair.
 *
 * Invariants:
 *  1. While an order to show cells is open the data area is the driver's, and
 *     nothing is written into it.
 *  2. What a driver writes into its ring is checked; one that breaks it is
 *     disconnected until it is restarted.
 */
#ifndef USERLAND_CONSOLE_SEAT_H
#define USERLAND_CONSOLE_SEAT_H

#include "userland/console/console.h"
#include "userland/console/keymap.h"

enum { SEAT_KEYS = 8 }; /* Events that are waited for at a time. */

struct seat_link {
	struct order_ring *ring;
	struct ring_end    request, completion;
	uint32_t           generation;
	bool               connected;
};

struct seat {
	struct seat_link display, keyboard;
	struct keymap    keymap;
	bool             showing; /* An order to show is open. */
	unsigned         cursor;  /* Where the display has it. */
};

/* The ring of a new driver instance. */
void seat_display(struct seat *s, struct console *c, struct order_ring *ring,
    uint32_t generation);
void seat_keyboard(
    struct seat *s, struct order_ring *ring, uint32_t generation);

/* Shows what has changed; true: ring the display's driver. */
bool seat_show(struct seat *s, struct console *c);

/* Takes keys; true: ring the keyboard's driver. */
bool seat_keys(struct seat *s, struct console *c);

/* There is another instance, or none yet; one that is gone is forgotten. */
bool seat_stale(struct seat_link *l);

#endif
