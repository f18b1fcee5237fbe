/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an NVM Express controller and its driver share in memory (NVMe 4), and
 * where it lies in DMA memory:
 *
 *     page 0, 1     admin submission and completion queue
 *     page 2, 3     submission and completion queue of the namespace
 *     page 4        identify data
 *     pages 5-20    a PRP list of 128 entries for each command
 */
#ifndef ULDRV_BLOCK_NVME_NVME_H
#define ULDRV_BLOCK_NVME_NVME_H

#include "devdb/nvme.regs.h"
#include "uldrv/lib/block.h"

enum {
	NVME_ADMIN_ENTRIES = 16,
	NVME_ENTRIES = 64,
	NVME_COMMANDS = NVME_ENTRIES - 1, /* A full queue has a hole. */
	NVME_LIST = 128,
	NVME_BYTES = NVME_LIST * PAGE_SIZE, /* The most of one command. */
	NVME_NAMESPACE = 1,

	NVME_DOORBELLS = 0x1000,

	/* Admin commands (5) and those of a namespace (6). */
	NVME_CREATE_SQ = 1,
	NVME_CREATE_CQ = 5,
	NVME_IDENTIFY = 6,
	NVME_ABORT = 8,
	NVME_FLUSH = 0,
	NVME_WRITE = 1,
	NVME_READ = 2,

	NVME_QUEUE_CONTIGUOUS = 1,
	NVME_QUEUE_INTERRUPTS = 2,

	/* Status: type and code (4.6.1). */
	NVME_TYPE_GENERIC = 0,
	NVME_TYPE_MEDIA = 2,
	NVME_ABORTED = 7,
	NVME_OUT_OF_RANGE = 0x80,
};

struct nvme_command {
	uint8_t  op, flags;
	uint16_t id;
	uint32_t space;
	uint64_t unused[2];
	uint64_t prp1, prp2;
	uint32_t word[6]; /* Words 10 to 15 of the command. */
};

struct nvme_completion {
	uint32_t result, unused;
	uint16_t sq_head, sq;
	uint16_t id;
	uint16_t status; /* Bit 0 is the phase. */
};

_Static_assert(sizeof(struct nvme_command) == 64, "command");
_Static_assert(sizeof(struct nvme_completion) == 16, "completion");

enum {
	NVME_ADMIN_SQ_AT = 0,
	NVME_ADMIN_CQ_AT = PAGE_SIZE,
	NVME_SQ_AT = 2 * PAGE_SIZE,
	NVME_CQ_AT = 3 * PAGE_SIZE,
	NVME_IDENTIFY_AT = 4 * PAGE_SIZE,
	NVME_LISTS_AT = 5 * PAGE_SIZE,
	NVME_LIST_BYTES = NVME_LIST * 8,
	NVME_DMA_BYTES = NVME_LISTS_AT + NVME_ENTRIES * NVME_LIST_BYTES,
};

/* One queue pair: where we are in it. */
struct nvme_queue {
	uint16_t tail, head;
	uint8_t  phase; /* Of the next completion that is new. */
};

struct nvme {
	struct nvme_queue admin, io;
	uint32_t          most;   /* Bytes of one command. */
	uint64_t          ready;  /* Nanoseconds that a reset may take. */
	unsigned          vain;   /* Resets since a command was completed. */
	uint64_t          flying; /* Bit i: command i is the controller's. */
	uint8_t           slot[NVME_ENTRIES];   /* Of a command. */
	uint8_t           left[BLOCK_ENTRIES];  /* Commands of a slot. */
	uint8_t           cause[BLOCK_ENTRIES]; /* enum status of the first. */
};

/* Where a request has come to. */
struct nvme_cursor {
	unsigned segment;
	uint32_t offset;
};

/*
 * prp.c: the part of the request that one command can name, from the cursor
 * on: its bytes, at most `most`, a multiple of 512; 0 at the end. first and
 * list (NVME_LIST entries; both may be NULL) get the PRPs, `n` their number.
 */
uint32_t nvme_run(const struct block_io *io, struct nvme_cursor *c,
    uint32_t most, uint64_t *first, uint64_t *list, unsigned *n);

/* admin.c: reset, queues; who is it? Fills in the geometry. */
enum status nvme_start(struct dev *d) must_check;
enum status nvme_identify(struct dev *d) must_check;

/* admin.c: asks for the command to be ended; it may be too late for that. */
enum status nvme_abort(struct dev *d, unsigned id) must_check;

/*
 * admin.c: the next completion of a queue whose entries lie at `at`; false if
 * there is none. Whoever took some writes the head's doorbell.
 */
bool nvme_taken(struct dev *d, struct nvme_queue *q, uint32_t at,
    unsigned entries, struct nvme_completion *c) must_check;

#endif
