/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs of many clients on the rings of a few drivers. Pure code: who is
 * answered, and by what means, is main.c's affair.
 *
 * Invariants:
 *  1. A job holds a piece of its link's data area from the moment it was given
 *     until it is done, and nobody else does.
 *  2. What was given to a driver that died is given again to the next one:
 *     every order a job may be can be done twice.
 *  3. Each link has its part of the places: one whose driver does not come up
 *     keeps none from others.
 *  4. What a driver writes into the ring is checked; one that breaks it is
 *     disconnected until it is restarted. One that says more of its data area
 *     than is there has broken it, and what waits for it fails.
 *  5. A ring that shows another generation than the server has said is not
 *     looked at until the next alarm: who would ask at once might ask for
 *     ever, for connecting rings our own doorbell. If it still does then, what
 *     waits for it fails.
 */
#ifndef USERLAND_BROKER_BROKER_H
#define USERLAND_BROKER_BROKER_H

#include "uldrv/class/devdb.h"
#include "uldrv/class/order.h"
#include "uldrv/class/watch.h"

enum {
	BROKER_JOBS = 24,
	BROKER_LINKS = 3,
	BROKER_SHARE = BROKER_JOBS / BROKER_LINKS,
	BROKER_BYTES = 512, /* In a job, and out of it. */
	BROKER_PIECE = 2 * BROKER_BYTES,
};

enum job_state {
	JOB_FREE,
	JOB_WAITING, /* For a driver, or for a piece of its data area. */
	JOB_GIVEN,
	JOB_DONE,
};

struct job {
	uint8_t     state; /* enum job_state */
	uint8_t     link, piece;
	bool        echo;  /* argument is to be where the answer is put. */
	bool        gives; /* The answer has bytes. */
	uint32_t    op, bytes;
	uint64_t    argument, number; /* number: among all jobs ever. */
	uint8_t     data[BROKER_BYTES];
	enum status status;
	uint64_t    result;
};

struct link {
	uint8_t class; /* enum devdb_class */
	struct ring_watch  watch; /* Invariant 5. */
	uint32_t           data_bytes;
	uint32_t           pieces; /* Bit i: piece i is a job's. */
	struct order_ring *ring;
	struct ring_end    request, completion;
};

struct broker {
	uint64_t    numbers;
	struct job  job[BROKER_JOBS];
	struct link link[BROKER_LINKS];
};

/* A new job, to be filled in; NULL if there is no place left for this link. */
struct job *broker_job(struct broker *b, unsigned link);

/*
 * The ring of a driver instance, with so many pages of a data area: all that
 * is open is given to it. RC_STATE: it is put off, by 5; RC_CORRUPT: it is
 * broken, by 4.
 */
enum status broker_attach(struct broker *b, unsigned link,
    struct order_ring *ring, uint32_t generation, unsigned pages) must_check;

/* Its driver is gone: what is open ends with this status. */
void broker_fail(struct broker *b, unsigned link, enum status st);

/*
 * Gives what can be given and takes what is done. True: ring the driver.
 */
bool broker_pump(struct broker *b, unsigned link);

bool broker_open(const struct broker *b, unsigned link);

#endif
