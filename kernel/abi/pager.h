/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pager protocol between the kernel's object cache and the store (S8).
 *
 * Two single-producer single-consumer rings of 64-byte entries in memory that
 * kernel and store share: requests go from the kernel to the store,
 * completions come back. The kernel owns the memory and trusts nothing in it
 * that the store writes; the store likewise copies each entry before it looks.
 *
 *     page 0      struct pager_control
 *     pages 1-4   requests, 64 in a page
 *     pages 5-8   completions
 *
 * head counts entries ever produced, tail entries ever consumed, both modulo
 * 2^32; entry n is in place n % PAGER_RING. The producer writes the entry and
 * then head (release); the consumer reads head (acquire), the entry, and then
 * writes tail (release). No entry straddles a page, so the kernel may reach
 * the pages one by one through the direct map.
 *
 * Doorbells. The kernel sends the notice that the store bound to its pager
 * capability after it has moved request_head, and when credits_used reaches
 * credits_notify. The store invokes its pager capability after it has moved
 * completion_head.
 *
 * Objects. A request names a whole frame: oid has index OID_INDEX_FRAME and
 * source SOURCE_PERSISTENT, but for the record pages below. `frame` is the
 * index of a 4 KiB physical frame: its physical address >> 12. From the
 * request to its completion that frame belongs to the store and its driver:
 * no capability in it is hint-refreshed, no mapping of it is writable.
 *
 * At most PAGER_OUTSTANDING requests are open at a time, so completions always
 * find room. At most one request that changes an object (clean, drop) is open
 * for one (oid, epoch), and no fetch or stat of an object while one is.
 * Requests may complete in any order.
 *
 * Epochs. The store keeps at most two: working (what requests carry that are
 * made now) and frozen (between SNAPSHOT and the completion of its BARRIER).
 * clean and drop say to which they belong. The first epoch of a boot is 1; 0
 * stands for "committed".
 *
 *     SNAPSHOT(E)   E is frozen from this entry on; the working epoch is E + 1
 *     CLEAN(E) ...  everything still dirty in E, mixed with any requests of
 *                   E + 1, and the record pages
 *     BARRIER(E)    no more changes of E come; the store commits
 *
 * BARRIER completes only when the generation is on the platter (RC_OK,
 * word[0] its number), or when it has failed (RC_DEVICE, RC_FULL): then E's
 * changes are part of the working epoch, nothing is lost, and frames that
 * could not be cleaned are dirty in it. No SNAPSHOT comes before that.
 */
#ifndef KERNEL_ABI_PAGER_H
#define KERNEL_ABI_PAGER_H

#include "kernel/abi/types.h"

enum {
	PAGER_RING = 256,
	PAGER_RING_PAGES = PAGER_RING * 64 / PAGE_SIZE,
	PAGER_PAGES = 1 + 2 * PAGER_RING_PAGES,
	PAGER_OUTSTANDING = 192,
	PAGER_RECORD_MAX = 128, /* Record pages of one snapshot. */
};

/*
 * What a request asks, and what its completion says. Fields that are not
 * named are zero. Every completion repeats tag, op, oid and epoch.
 */
enum pager_op {
	PAGER_NONE,

	/*
	 * Read an object into `frame`. flags: PAGER_AHEAD; epoch: the working
	 * one. Done: kind, count.
	 * FK_FREE and FK_ZERO have no content: the frame is untouched, the
	 * kernel zeroes it. With PAGER_CHARGED the object already holds a
	 * dirty credit of `epoch` (it was cleaned in that epoch): writing it
	 * again in the same epoch costs none. RC_MEDIA: unreadable;
	 * RC_CORRUPT: read, but not what was written. Neither frame is to be
	 * looked at.
	 */
	PAGER_FETCH,

	/* The same without content. */
	PAGER_STAT,

	/*
	 * Write `frame` as the content of the object: kind (FK_PAGE, FK_NODE,
	 * FK_STATE; FK_ZERO for a page the kernel found to be all zeros, which
	 * costs no block), count, epoch. The caller holds a credit of that
	 * epoch for it, or has been told PAGER_CHARGED. Done with RC_OK: the
	 * frame may be reused, and a fetch gives this content; it is durable
	 * when its generation is. RC_DEVICE: it could not be written, stays
	 * dirty and keeps its credit. With PAGER_CHARGED in the completion the
	 * object had been cleaned in this epoch before: its block is reused
	 * and one credit goes back to the kernel if it took a second one.
	 */
	PAGER_CLEAN,

	/*
	 * Set kind (FK_FREE or FK_ZERO) and count without a fetch: rescind of
	 * an absent page or node frame, epoch. Costs a credit as a write does.
	 * The kernel asks by STAT for the count of what it never fetched. With
	 * `frame` not 0 it had the object in that frame, which holds nothing.
	 */
	PAGER_DROP,

	/*
	 * The working epoch `epoch` is frozen. word[0]: call number (F1);
	 * word[1]: number of record pages that follow as CLEANs of
	 * pager_record_oid(0) ... with kind FK_PAGE, count 0 and this epoch
	 * (no credit), in any order before the BARRIER; word[2]: time stamp,
	 * seconds since 1970 or 0. What they hold is the kernel's: running
	 * list, outside waiters, bindings, reserve table. Done at once.
	 */
	PAGER_SNAPSHOT,
	PAGER_BARRIER,

	/*
	 * Not asked for, tag 0, from the store only. OPEN comes first and
	 * once: the persistent range may be used. epoch: the working epoch, 1;
	 * word[0]: boot number; word[1]: call number saved; word[2]:
	 * generation; count: record pages, to be fetched as objects before the
	 * first snapshot; flags: PAGER_FELL_BACK.
	 */
	PAGER_OPEN,

	/*
	 * Credit: the kernel may have used up to `credits` in `epoch`, and
	 * from the snapshot on up to word[0] in epoch + 1 until the next CREDIT
	 * says otherwise. word[1]: how many more PF_RESERVE processes may use
	 * beyond these, in each of the two. The numbers are totals for the
	 * epoch, not increments; they never fall within an epoch.
	 * word[2]: figures, see pager_figures.
	 */
	PAGER_CREDIT,
	PAGER_OP_COUNT,
};

enum pager_flags {
	PAGER_AHEAD = 1 << 0,     /* Fetch: only if cheap, else RC_NOT_FOUND. */
	PAGER_CHARGED = 1 << 1,   /* Fetch, clean: see there. */
	PAGER_FELL_BACK = 1 << 2, /* Open: not the newest generation (F8). */
	PAGER_FLAGS_ALL = (1 << 3) - 1,
};

struct pager_request {
	uint64_t tag; /* The kernel's, not 0. */
	uint8_t  op;
	uint8_t  kind;  /* enum frame_kind */
	uint16_t flags; /* enum pager_flags */
	uint32_t count; /* Allocation count; >= that of each node (S8). */
	uint64_t oid;
	uint64_t epoch;
	uint64_t frame;
	uint64_t word[3];
};

struct pager_completion {
	uint64_t tag; /* Of the request; 0: not asked for. */
	uint8_t  op;
	uint8_t  kind;
	uint16_t flags;
	uint32_t count;
	uint64_t oid;
	uint64_t epoch;
	uint32_t status; /* enum status */
	uint32_t credits;
	uint64_t word[3];
};

_Static_assert(sizeof(struct pager_request) == 64, "one cache line");
_Static_assert(sizeof(struct pager_completion) == 64, "one cache line");

/* One entry of cache.expose: whose frame, and where in the window. */
struct pager_expose {
	uint64_t tag;
	uint32_t slot; /* Of the window; 0 for a DMA space. */
	uint32_t unused;
};

_Static_assert(sizeof(struct pager_expose) == 16, "32 in 512 bytes");

/* Each index has one writer and stands in a cache line of its own. */
struct pager_control {
	uint32_t request_head; /* Kernel. */
	uint32_t unused0[15];
	uint32_t request_tail; /* Store. */
	uint32_t unused1[15];
	uint32_t completion_head; /* Store. */
	uint32_t unused2[15];
	uint32_t completion_tail; /* Kernel. */
	uint32_t unused3[15];

	/* Kernel: how the working epoch stands, for the store's schedule. */
	uint64_t epoch;
	uint32_t credits_used; /* In this epoch, the reserve's not counted. */
	uint32_t waiting;      /* Processes that wait for a credit. */
	uint32_t dirty;        /* Frames dirty in core, both epochs. */
	uint32_t unused4[11];

	/* Store: send the notice when credits_used reaches this (F7: half). */
	uint32_t credits_notify;
	uint32_t unused5[15];

	uint8_t unused6[PAGE_SIZE - 6 * 64];
};

_Static_assert(sizeof(struct pager_control) == PAGE_SIZE, "one page");

/* The i-th page of a snapshot's record: a key that names no object. */
static inline oid
pager_record_oid(unsigned i)
{
	return oid_make(frame_of(SOURCE_EPHEMERAL, i), OID_INDEX_FRAME);
}

/*
 * word[2] of CREDIT: how many frames of the persistent range may exist (be
 * sold) at all without breaking the capacity rule, and how many do as of the
 * last commit. The bank sells no more than the first (F7).
 */
static inline uint64_t
pager_figures(uint32_t sellable, uint32_t existing)
{
	return (uint64_t)sellable << 32 | existing;
}

#endif
