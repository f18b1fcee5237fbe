/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store domain: what wires the pure store (persist/store/store.h) to the
 * kernel's pager, a disk's ring and the clock.
 *
 * It is resident and calls nobody but the kernel (S7). One loop over notices
 * and requests; after each, main.c pumps what moved:
 *
 *     pager ring --request--> store --io--> disk ring --> driver
 *     pager ring <-completion-- store <-done-- disk ring <--
 *
 * A frame goes to the driver only between expose and conceal (S8), and the
 * store looks at its content only after that.
 */
#ifndef PERSIST_STORE_GUEST_GUEST_H
#define PERSIST_STORE_GUEST_GUEST_H

#include "kernel/abi/pager.h"
#include "persist/format/volume.h"
#include "persist/store/store.h"
#include "uldrv/class/block.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	DISKS = 8,

	/* Where things are mapped (userland/system.dts). */
	PLACE_PAGER = 0x08000000,
	PLACE_HEAP  = 0x10000000,
	PLACE_DISKS = 0x18000000, /* One slot of 4 MiB for each disk. */
	DISK_SHIFT  = 22,

	/* Capability registers beside those of userland/rt/registers.h. */
	REG_SNAPSHOT = REG_OWN,
	REG_CACHE    = REG_OWN + 1,
	REG_PAGER    = REG_OWN + 2,
	REG_DMA      = REG_OWN + 3, /* Of the selected disk. */
	REG_DOORBELL = REG_BANK,    /* Rings the selected disk's driver. */
	REG_RANGE    = REG_DISCRIM, /* What memory.c buys from. */

	/* Slots of the node in REG_NODE. */
	NODE_HEAP  = 0, /* The node mapped at PLACE_HEAP. */
	NODE_DISKS = 1, /* The node mapped at PLACE_DISKS. */
	NODE_RING  = 2, /* The pages of the pager's ring. */
	NODE_RANGE = 3, /* Ephemeral frames for the heap. */
	NODE_ALARM = 4, /* Notice on ourselves: NOTE_ALARM. */
	NODE_KINFO = 5,
	NODE_DISK  = 8, /* + 2 i: DMA space and doorbell of disk i. */
	NODE_KEPT  = 24, /* Rights to answer checkpoint and halt, 8 of them. */
	KEPT       = 8,

	/* Bits of our notice word; disk i rings bit NOTE_DISK + i. */
	NOTE_PAGER = 0,
	NOTE_ALARM = 1,
	NOTE_DISK  = 8,

	/* Transfers with a buffer of ours go through pages the disk reaches. */
	BOUNCES = STORE_IO,
};

#define PLACE_CACHE UINT64_C(0x40000000000)

/* Who answers to a completion of the disk ring. */
enum transfer_owner {
	OWNER_NONE,
	OWNER_STORE,
	OWNER_PROBE,
};

/* One request in a disk's ring, kept until it completes (re-issue). */
struct transfer {
	enum transfer_owner  owner;
	uint64_t             tag; /* The store's. */
	struct block_request request;
	struct block_segment segment[BLOCK_SEGMENTS];
	uint64_t             exposed[BLOCK_SEGMENTS]; /* Pager tags. */
	uint32_t             nexposed;
	uint8_t             *buffer; /* Read: where the bounce page goes. */
	bool                 issued; /* It stands in the ring. */
};

struct disk {
	bool               attached;
	bool               bounced; /* Its bounce pages are mapped for DMA. */
	uint64_t           generation;
	struct block_ring *ring;
	struct ring_end    request, completion;
	uint8_t           *bounces;         /* BOUNCES pages. */
	uint64_t           bounce[BOUNCES]; /* Their bus addresses. */
	struct transfer    transfer[BOUNCES];
	unsigned           step; /* Of the probe. */
	uint64_t           partition; /* First sector of the volume. */
	struct block_claim claim;     /* What was said, for a new ring. */
	bool               broken;
};

struct guest {
	struct disk disk[DISKS];
	unsigned    selected; /* Whose capabilities are in the registers. */
	int         volume;   /* Disk that holds it, or -1. */
	uint64_t booted; /* Generation that this boot started from. */
	uint64_t booted_wall; /* When that was taken, ns since 1970; 0: unknown. */
	uint8_t     uuid[16]; /* Of the volume that was booted. */
	bool        crc;

	struct store         *store;
	struct pager_control *pager;
	struct pager_request *requests;
	struct pager_completion *completions;
	uint32_t request_tail, completion_head;

	/* The schedule. */
	uint64_t schedule_ms;
	uint64_t due; /* When, ns since boot; 0: no checkpoint is due. */
	enum status refused; /* Why there was no snapshot, or RC_OK. */
	bool     snapshot_wanted, committing, halted, writing_stopped;
	uint64_t snapshot_at, last_ns, checkpoints;
	uint64_t pages_in, pages_out, errors;
	struct {
		bool waiting, next; /* next: for the commit after this one. */
		bool halt;
	} kept[KEPT];
	char remark[64];
};

extern struct guest guest;

/* --- memory.c ----------------------------------------------------------- */

/* `bytes` of zeroed memory for ever, or NULL, which is logged. Uses T0-T2. */
void *memory_take(size_t bytes);
/* The same, of pages that the selected disk can address (D15). */
void *memory_take_dma(size_t bytes);

/* The page of a bounce buffer, as a capability in `where`. */
enum status memory_page(const void *address, capreg where) must_check;

/* --- disk.c -------------------------------------------------------------- */

void disk_select(unsigned i);

/* Begin a transfer of our own memory (probe). */
enum status disk_read_block(unsigned i, uint64_t sector,
    enum transfer_owner owner) must_check;

/* Take what has completed; hand the store's transfers to the disk. */
bool disk_pump(unsigned i);
bool disk_submit(void);
uint8_t *bounce_page(const struct disk *d, uint32_t place);

/* Every open request into the ring of a new instance. */
void disk_reissue(unsigned i);

/* Says which sectors are the volume's; 0: none of this disk. Raw clients may
 * write the others (uldrv/class/block.h). */
void disk_claim(unsigned i, uint64_t first, uint64_t sectors);

/* --- probe.c ------------------------------------------------------------- */

/* A disk is ready, or a block that the probe asked for has come. */
void probe_begin(unsigned i);
/* It is gone; the next one is another. */
void probe_forget(unsigned i);
void probe_done(unsigned i, const struct transfer *t, enum status st);

/* --- pager.c ------------------------------------------------------------- */

void pager_begin(void);
bool pager_pump(void); /* Both rings; true: something moved. */

/* --- schedule.c ---------------------------------------------------------- */

uint64_t clock_ns(void);
void     schedule_pump(void);
void     schedule_events(void);

#endif
