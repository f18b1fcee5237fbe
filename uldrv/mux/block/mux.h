/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mux of one disk, inside: the rings of its clients, the queue between
 * them and the driver, and what the driver has.
 *
 *     ring --take--> queue (share.h) --dispatch--> driver --block_complete-->
 *     ring
 *
 * When nothing waits, what is taken goes to the driver at once.
 *
 * Invariants:
 *  1. Accepted requests (dev.busy) are at most BLOCK_ENTRIES. The store's are
 *     not more than its ring holds, so an honest store always has room for
 *     their completions; of a raw client none is taken without that room.
 *  2. A request is looked at only in our copy of it (guard.h).
 *  3. Who has broken his ring is touched no more until he has a new
 *     connection; the others do not notice.
 *  4. A raw client's connection ends when the server says so (given.client).
 *     The next one begins when nothing of the last is in flight: what comes
 *     in late moves nobody else's data and completes in nobody else's ring.
 */
#ifndef ULDRV_MUX_BLOCK_MUX_H
#define ULDRV_MUX_BLOCK_MUX_H

#include "uldrv/lib/block.h"
#include "uldrv/mux/block/share.h"

enum {
	MUX_STORE, /* Port 0; port 1 + k is raw client k's. */
	MUX_RAW,
	MUX_PORTS = MUX_RAW + CONTROL_CLIENTS,
};

/* One ring. */
struct port {
	struct block_ring *ring;
	struct ring_end    request, completion;
	uint32_t           written; /* Completions not yet published. */
	uint32_t           open; /* Of a raw client: taken, not completed. */
	uint32_t           generation; /* Of the connection; 0: none. */
	bool               broken;
	bool               waits; /* The client was told that we wait. */
	bool               leaving; /* The last connection's are in flight. */
};

struct entry {
	uint64_t        tag;
	struct block_io io;
};

/* What is known of a request that the driver has. */
struct flight {
	uint64_t tag;
	uint32_t bytes;
	uint8_t  flow;
};

struct front {
	struct block_geometry geometry;
	struct port           port[MUX_PORTS];
	uint32_t              raws;   /* Bit i: port i, a raw one, is served. */
	uint32_t              spoken; /* Bit i: port i has unpublished ones. */
	uint32_t              changes; /* given.changes, as far as is seen. */
	bool          settled; /* Who was given a ring has begun it. */
	bool          full;    /* A ring had more than there was room for. */
	struct share  share;
	struct flight flight[BLOCK_ENTRIES];
	/* Entries of the store that are free; raw client k has its own one. */
	uint8_t      spare[BLOCK_ENTRIES];
	unsigned     spares;
	bool         begun;
	struct entry entry[SHARE_ENTRIES];
};

static inline struct front *
front_of(struct dev *d)
{
	return d->class_state;
}

static inline bool
port_serves(const struct port *p)
{
	return p->generation != 0 && !p->broken;
}

void port_begin(struct port *p, struct block_ring *ring, uint32_t generation);

/* Whether the client shall ring; see ring_want. */
static inline void
port_want(struct port *p, bool want)
{
	p->waits = want;
	ring_want(&p->request, want);
}

/* Has the client begun the ring for this generation? */
static inline bool
port_ready(const struct block_ring *ring, uint32_t generation)
{
	/* Orders the client's clearing of the ring before our look at it. */
	return __atomic_load_n(&ring->control.client_generation,
		   __ATOMIC_ACQUIRE) == generation;
}

/* Copies the oldest request out of a ring; RC_ARGUMENT: it is malformed. */
enum status port_take(struct port *p, struct entry *e) must_check;

/* The client has broken its ring. */
void port_broken(struct dev *d, unsigned port);

/* Writes a completion into the ring of a port. */
void port_complete(struct dev *d, unsigned port, uint64_t tag, enum status st,
    uint32_t bytes);

/*
 * A request was taken and found to be `st` (guard.h): it is completed, given
 * to the driver, or put into the queue of its flow, where it keeps the entry.
 * True: it was.
 */
bool mux_admit(struct dev *d, unsigned flow, unsigned at, enum status st);

/* --- raw.c --------------------------------------------------------------- */

/* Looks which raw clients are there. True: none is still to come or to go. */
bool raw_settle(struct dev *d);

/* Takes what a raw client asks. True: look again, something came just now. */
bool raw_drain(struct dev *d, unsigned k);

#endif
