/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's side of the block class, as the store will play it, and what a
 * server does when the driver dies under it. It sees a driver only through
 * the ring, whatever the driver and the back end are.
 */
#ifndef TESTSUITE_HARNESS_CLIENT_H
#define TESTSUITE_HARNESS_CLIENT_H

#include "testsuite/harness/harness.h"
#include "testsuite/runner/runner.h"

enum {
	CLIENT_OPS = BLOCK_ENTRIES,
	CLIENT_PAGES = RAM_PAGES - DATA_FIRST,
};

struct client_op {
	bool                 open; /* Issued and not completed. */
	uint64_t             tag;
	struct block_request request;
	struct block_segment segment[BLOCK_SEGMENTS];
	enum status          status;
	uint32_t             bytes;
};

struct client {
	struct harness       *h;
	struct ring_end       request, completion;
	struct client_op      op[CLIENT_OPS];
	uint64_t              next_tag;
	unsigned long         completed, reissued, restarts;
	unsigned long         wrong; /* Completions that nobody asked for. */
	unsigned              restarts_max;
	struct block_geometry geometry;
};

/* Connects and starts the first instance; false if none comes up. */
bool client_open(struct client *c, struct harness *h);

/* The next free operation, blank. */
struct client_op *client_new(
    struct client *c, enum block_op op, uint64_t sector);

/* Adds a segment of that page of the client's (0 ...), or of the window. */
void client_segment(struct client_op *op, const struct harness *h,
    unsigned page, uint32_t offset, uint32_t bytes);

/* Puts it into the ring. */
void client_issue(struct client *c, struct client_op *op);

/*
 * Runs until all that was issued has completed, restarting the driver when it
 * dies. False if it cannot be done in that time or with so many restarts.
 */
bool client_wait(struct client *c, uint64_t time);

/* Kills the driver and starts another, as the server does. */
bool client_restart(struct client *c);

/* What is done with an operation that is over, so that it can be used again. */
static inline void
client_release(struct client_op *op)
{
	op->tag = 0;
}

/* blockmore.c: tests of the block class beside the script. */
extern const struct runner_test block_more[];

/* rawtest.c: raw clients beside it. */
void raw_transfers(void);
void raw_confined(void);
void raw_floods(void);
void raw_hostile(void);
void raw_deaf(void);
void raw_dies(void);
void raw_restarts(void);

/* The client's memory. */
static inline uint8_t *
client_page(const struct harness *h, unsigned page)
{
	if (h->copies)
		return h->window + (size_t)page * PAGE_SIZE;
	return h->ram + (size_t)(DATA_FIRST + page) * PAGE_SIZE;
}

#endif
