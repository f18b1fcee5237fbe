/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders: the one ring of all classes but block and char. A client gives
 * orders, the driver completes each of them once, in any order of time.
 *
 *     page 0     struct order_control
 *     page 1     64 orders of 32 bytes, then 64 completions of 32 bytes
 *     page 2 ..  the data area, 0 to 30 pages
 *
 * What an order means is the class's affair: uldrv/class/{edu,net,input,
 * display,clock,entropy}.h each list their orders, with what bytes, offset
 * and argument are to them. The rules that hold for all:
 *
 *  1. offset and bytes name a part of the data area. The driver refuses what
 *     lies outside it (RC_ARGUMENT), so that a client can reach nothing else
 *     through the device, IOMMU or not. While an order is open its part of
 *     the data area is the driver's.
 *  2. At most ORDER_ENTRIES orders may be open, so that completions always
 *     find room; the driver takes no more.
 *  3. The ring's pages belong to neither side: who connects the two (devdb's
 *     server) pays for them, and they outlive the driver.
 *  4. The generation works as in the block class: a new driver instance
 *     touches nothing until client_generation is its own number. The client,
 *     told of generation g, takes what completions are there, zeroes both
 *     struct ring_shared, begins its ends anew, gives again what had not
 *     completed if the class allows it, writes g to client_generation and
 *     rings.
 *  5. Generation 0: the device is gone, its driver removed, or another client
 * has taken it over, who has other pages. The ring's memory goes a second
 * later; a client that has it mapped looks at it no more.
 */
#ifndef ULDRV_CLASS_ORDER_H
#define ULDRV_CLASS_ORDER_H

#include "uldrv/class/ring.h"

enum {
	ORDER_ENTRIES = 64,
	ORDER_DATA = 2, /* The first page of the data area. */
	ORDER_DATA_PAGES = 30,
	ORDER_INFO = 6,
	ORDER_MAGIC = 0x3144524f, /* "ORD1" */
};

struct order_request {
	uint64_t tag; /* The client's; comes back unchanged. */
	uint32_t op;
	uint32_t bytes;
	uint64_t offset; /* In the data area. */
	uint64_t argument;
};

/*
 * status: RC_OK; RC_ORDER (the class has no such order); RC_ARGUMENT
 * (malformed, or beyond the data area); RC_DEVICE (the device failed, trying
 * again may help); RC_TIMEOUT (it was reset, try again); or as the class says.
 */
struct order_completion {
	uint64_t tag;
	uint32_t status; /* enum status */
	uint32_t bytes;
	uint64_t result;
	uint64_t unused;
};

struct order_control {
	uint32_t magic; /* ORDER_MAGIC, by who made the ring; for people. */
	uint32_t generation; /* Of the instance that is to use it, */
	uint32_t data_bytes; /* and of the data area; by the server. */
	uint32_t unused0;
	uint64_t info[ORDER_INFO];  /* By the driver, as the class says. */
	uint32_t client_generation; /* Written by the client. */
	uint8_t  unused1[RING_LINE - 4];
	struct ring_shared request;    /* Client to driver. */
	struct ring_shared completion; /* Driver to client. */
	uint8_t            unused2[PAGE_SIZE - 6 * RING_LINE];
};

struct order_ring {
	struct order_control    control;
	struct order_request    request[ORDER_ENTRIES];
	struct order_completion completion[ORDER_ENTRIES];
	uint8_t                 data[];
};

_Static_assert(sizeof(struct order_request) == 32, "request");
_Static_assert(sizeof(struct order_completion) == 32, "completion");
_Static_assert(
    offsetof(struct order_control, client_generation) == RING_LINE, "line 1");
_Static_assert(sizeof(struct order_control) == PAGE_SIZE, "one page");
_Static_assert(
    offsetof(struct order_ring, data) == ORDER_DATA * PAGE_SIZE, "page 2");

/*
 * What of the server's words stands in the ring the driver can write over. A
 * client reads each once, and holds it against what it has heard elsewhere.
 *
 * The generation: against that of Devdb.connect (watch.h).
 */
static inline uint32_t
order_shown(const struct order_ring *ring)
{
	return __atomic_load_n(&ring->control.generation, __ATOMIC_ACQUIRE);
}

/*
 * The size of the data area: against the pages that are there. False if there
 * are fewer; then *bytes is 0.
 */
static inline bool
order_area(const struct order_ring *ring, unsigned pages, uint32_t *bytes)
{
	*bytes = __atomic_load_n(&ring->control.data_bytes, __ATOMIC_RELAXED);
	if (*bytes <= pages * PAGE_SIZE)
		return true;
	*bytes = 0;
	return false;
}

#endif
