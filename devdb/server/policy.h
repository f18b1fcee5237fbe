/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a driver is started, found dead, and started again. Pure: times come
 * in, decisions go out.
 *
 *            policy_started        policy_up
 *   BACK_OFF ---------> STARTING ------------> UP
 *      ^                   |                    |
 *      +---- policy_died --+--------------------+----> STOPPED
 *      (policy_renew leads there as well)
 *
 * Invariants:
 *  1. The back-off doubles with each death up to its bound, and begins again
 *     after a life of POLICY_LONG_LIFE.
 *  2. With a limit of 0 (the paging disk's driver) STOPPED is reached only
 *     when the driver itself said that there is nothing to drive, or, if
 *     no instance has ever been up, that it cannot drive what is there.
 */
#ifndef DEVDB_SERVER_POLICY_H
#define DEVDB_SERVER_POLICY_H

#include "devdb/record/record.h"

#define POLICY_LONG_LIFE UINT64_C(60000000000) /* Nanoseconds. */

enum { POLICY_BEATS_MISSED = 2 };

struct policy {
	uint8_t  run; /* enum devdb_run */
	uint32_t generation, restarts;
	uint32_t deaths;   /* Since the last long life. */
	uint64_t back_off; /* Nanoseconds. */
	uint64_t again;    /* When to start, in BACK_OFF. */
	uint64_t since;    /* It has been starting, or up. */
	uint64_t beat_at;  /* The next look at the heartbeat. */
	uint32_t beat;     /* What it was at the last look. */
	uint8_t  missed;
	bool     proven; /* An instance was up: it can drive the device. */
};

enum policy_action {
	POLICY_NOTHING,
	POLICY_START,
	POLICY_BEAT, /* Ask for a heartbeat. */
	POLICY_KILL, /* It has not answered. */
};

void policy_begin(struct policy *p, uint64_t now);

/*
 * Somebody asks for a driver that does not run: it need not wait, and may die
 * as often as a new one. Its generations go on.
 */
void policy_at_once(struct policy *p);

/* What is due; beat is what the driver's page says. */
enum policy_action policy_tick(struct policy *p,
    const struct catalogue_driver *d, uint64_t now, uint32_t beat);

void policy_started(
    struct policy *p, const struct catalogue_driver *d, uint64_t now);
void policy_up(struct policy *p);

/* It was stopped for the next instance to begin, and has done nothing wrong. */
void policy_renew(struct policy *p);

/* said, cause: what the driver's page says, enum control_state and status. */
void policy_died(struct policy *p, const struct catalogue_driver *d,
    uint64_t now, uint32_t said, uint32_t cause);

/* The next time that policy_tick has something to do; UINT64_MAX: never. */
uint64_t policy_next(const struct policy *p);

#endif
