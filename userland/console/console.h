/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's state between the rings of char drivers and its clients. Pure
 * code: who is answered, and by what means, is main.c's affair.
 *
 * Invariants:
 *  1. Writers' bytes go into the ring in the order of their requests, and
 *     never mixed.
 *  2. Input that nobody has read yet is kept up to TYPED_BYTES; more is
 *     counted as lost.
 *  3. All lines and the screen show the same. The first line that is connected
 *     sets the pace: writers wait for it. On another that lags behind, what has
 *     no room is lost, and counted; a far end where nobody reads holds up
 * nobody else. Without any line the screen goes on alone.
 *  4. A client has at most half of the places for writers.
 *  5. What the driver writes into the shared page is checked by ring.h; a
 *     driver that breaks the ring is disconnected until it is restarted.
 *     What shows another generation than the server has said is not looked at
 *     until console_again: who would ask at once might ask for ever.
 */
#ifndef USERLAND_CONSOLE_CONSOLE_H
#define USERLAND_CONSOLE_CONSOLE_H

#include "uldrv/class/char.h"
#include "uldrv/class/watch.h"
#include "userland/console/screen.h"

enum {
	TYPED_BYTES = 1024,
	WRITE_BYTES = 1024, /* Of one request. */
	WRITERS = 8,        /* That wait for room in the ring, */
	WRITERS_OF_ONE = 4, /* and of one client. */
	LINES = 2,          /* The serial line, a terminal. */
	CLIENTS = 64,
	CLIENT_NOBODY = CLIENTS,
};

struct writer {
	unsigned client;
	uint32_t bytes, sent;
	uint8_t  text[WRITE_BYTES];
};

/* One char driver. */
struct line {
	struct char_ring *ring;
	struct ring_end   input, output;
	struct ring_watch watch; /* Invariant 5. */
	uint64_t          missed; /* Bytes that it had no room for. */
};

struct console {
	struct line line[LINES];

	uint8_t  typed[TYPED_BYTES]; /* A ring of its own. */
	uint32_t typed_first, typed_count;
	uint64_t lost;

	/* What goes out stands here too; shown: there is a display. */
	struct screen screen;
	bool          shown;

	struct writer writer[WRITERS];
	unsigned      first_writer, writers;

	uint64_t opened; /* Bit i: client i has opened it in this boot. */
	unsigned owner;  /* Who has the keyboard, or CLIENT_NOBODY. */
	bool     reading;
};

void console_init(struct console *c);

/*
 * The ring of a new driver instance: begin afresh. What the old one had not
 * taken yet goes out again; what it had taken and not sent is lost. False: it
 * shows another generation, and is put off.
 */
bool console_attach(struct console *c, unsigned line, struct char_ring *ring,
    uint32_t generation) must_check;

/* A while has passed: what was put off is due. */
void console_again(struct console *c);

/*
 * There is another instance of the line's driver, or none yet. A device that is
 * gone takes its memory with it: the ring is not looked at again.
 */
bool console_stale(struct console *c, unsigned line);

/* Is there a line? */
bool console_connected(const struct console *c);

struct console_events {
	unsigned bells;   /* Bit i: the driver of line i must be told; */
	unsigned written; /* Writers, from the first on, that are done. */
};

/* Move what can be moved; afterwards input is in `typed`. */
struct console_events console_pump(struct console *c);

/*
 * Take a write of a client (CLIENT_NOBODY: of the console itself): it waits in
 * place *place for the next pump. RC_BUSY: there is no place.
 */
enum status console_write(struct console *c, unsigned client, const void *text,
    size_t bytes, unsigned *place) must_check;

/* Bytes that were typed elsewhere than on the line. */
void console_type(struct console *c, const uint8_t *bytes, size_t n);

/* Take typed bytes out, at most so many. */
size_t console_take(struct console *c, void *to, size_t most);

#endif
