/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second serial line: its driver's ring, as this domain uses it.
 *
 * The domain is persistent and the ring is not. So the ring is not mapped but
 * read and written by its page capability, which answers RC_RESTARTED in the
 * next boot where a mapping would fault (D7).
 *
 * Invariants:
 *  1. Nothing that the driver wrote is believed: of each look there is a copy,
 *     whose indices are checked by ring.h. Who breaks that is named in the log
 *     and to the server, and left alone until there is another instance.
 *  2. The server is asked for the line once in a look and once for an alarm,
 *     however the ring looks (watch.h).
 *  3. What is known of an instance ends with the ring's page: those of another
 *     boot are counted anew.
 */
#ifndef USERLAND_PUSH_LINE_H
#define USERLAND_PUSH_LINE_H

#include "uldrv/class/char.h"
#include "uldrv/class/watch.h"
#include "userland/push/receive.h"
#include "userland/rt/registers.h"

enum {
	REG_LINE = REG_OWN, /* The handle. */
	REG_CATALOGUE = REG_OWN + 1,
	REG_RING = REG_OWN + 2,     /* The page. */
	REG_DOORBELL = REG_OWN + 3, /* The driver's. */
	REG_MINE = REG_NODE,        /* Our own doorbell; no node is given. */
	BIT_DOORBELL = 0,
	BIT_ALARM = 1,
};

struct line {
	bool              opened;
	struct ring_watch watch;
	uint32_t          told; /* Of this instance's faults people know. */
	uint64_t          wait; /* Nanoseconds, until the line is asked for. */
	struct ring_end   input, output;
	struct char_ring  copy; /* What the page held when it was read. */
	struct receiver   receiver;
	sink_for          find;
};

void line_begin(struct line *l, sink_for find);

/*
 * Takes what has come in, from the driver that the line has now. waited: the
 * alarm has gone off, or the machine was started again, which forgets alarms.
 */
void line_look(struct line *l, bool waited);

#endif
