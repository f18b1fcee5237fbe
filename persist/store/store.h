/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store: owns the volume, answers the kernel's pager, commits generations.
 *
 * A pure state machine. It does no I/O, allocates nothing, knows no time: the
 * caller (the guest's main loop, the host's simulator, the volume builder)
 * passes requests and completions in and takes I/O and completions out:
 *
 *     store_mount         once, then serve I/O until OPEN comes out
 *     store_request       one entry of the request ring
 *     store_next_io       what the disk is to do now, until false
 *     store_io_done       what became of it
 *     store_next_completion   one entry for the completion ring
 *     store_usage, store_wants_snapshot   the schedule's input (F7)
 *
 * Any input may produce outputs, so drain both after each. Every output is
 * taken in bounded time; nothing here blocks or recurses.
 */
#ifndef PERSIST_STORE_STORE_H
#define PERSIST_STORE_STORE_H

#include "kernel/abi/pager.h"
#include "kernel/abi/status.h"
#include "persist/format/volume.h"

enum {
	STORE_VECTOR = 32, /* Most blocks of one transfer. */
	STORE_IO = 64,     /* Transfers in flight. */
};

enum store_op {
	STORE_READ,
	STORE_WRITE,
	STORE_FLUSH,
};

/*
 * One transfer: blocks `block` to `block + count - 1`. Either pages of the
 * object cache (frame and the tag of its pager request, for expose, conceal
 * and done) or, with `buffer` not NULL, one block of the store's own memory.
 * Writes may be done in any order and flush covers only what was done before
 * it was given out: the store waits for completions itself.
 */
struct store_io {
	uint64_t      tag;
	enum store_op op;
	uint32_t      count;
	uint64_t      block;
	void         *buffer;
	uint64_t      frame[STORE_VECTOR];
	uint64_t      request[STORE_VECTOR];
};

struct store_config {
	/* All frames of the object cache, read-only (S8): first and address. */
	const uint8_t *frames;
	uint64_t       first_frame;
	bool           crc_cpu;
	uint64_t       blocks;   /* Data area of the largest volume served. */
	uint32_t       credits;  /* Most that one epoch may have. */
	uint32_t       reserve;  /* More for PF_RESERVE processes (F7). */
	uint32_t       floor;    /* Below this the bank sells nothing: 512. */
	uint32_t       cache;    /* Map blocks in memory, at least 32. */
	uint32_t       requests; /* Open at a time: PAGER_OUTSTANDING. */
	uint32_t       record;   /* Pages of a snapshot record, at most. */
	uint32_t       retain;   /* Generations kept if there is room. */
};

/* What an operator should know; the main loop turns them into log lines. */
enum store_event_code {
	EVENT_NONE,
	EVENT_OPENED,        /* block: slot; value: generation */
	EVENT_SUPER_BAD,     /* value: slot; a torn write or damage */
	EVENT_SUPER_OTHER,   /* value: slot; the superblock of another volume */
	EVENT_SUPER_NEEDS,   /* value: format needs that are not known (S13) */
	EVENT_ROOT_BAD,      /* block: its; value: generation not usable */
	EVENT_FELL_BACK,     /* value: generation used instead (F8) */
	EVENT_NO_VOLUME,     /* status; the header or both superblocks */
	EVENT_MAP_BAD,       /* block; value: key sought */
	EVENT_OBJECT_BAD,    /* block; value: key */
	EVENT_IO_ERROR,      /* block; value: enum store_op */
	EVENT_COMMITTED,     /* value: generation */
	EVENT_COMMIT_FAILED, /* status; value: generation */
	EVENT_COUNT_BACK,    /* value: key; an allocation count went back */
	EVENT_SPLIT,         /* value: generation in both slots (S17) */
	EVENT_COUNT,
};

struct store_event {
	enum store_event_code code;
	enum status           status;
	uint64_t              block;
	uint64_t              value;
};

/* For `gen`, `mem` and the bank. */
struct store_figures {
	uint64_t generation, blocks, free, live, frames, sellable;
	uint32_t credits, credits_next, boot, generations;
	bool     open, committing, failed;
	uint8_t  volume[16];
};

struct store;

size_t        store_bytes(const struct store_config *c);
/* memory: store_bytes, aligned to 4096. */
struct store *store_init(const struct store_config *c, void *memory);
/* Start recovery. seed: anything random or at least different (D13). */
void          store_mount(struct store *s, uint64_t seed);
/* RC_OK once OPEN has come out, ST_WAIT before; else why there is no volume. */
enum status   store_mounted(const struct store *s);

/*
 * RC_OK: a completion will come. RC_STATE, RC_ARGUMENT: the request breaks the
 * protocol (pager.h) and nothing was done. RC_BUSY: no room, ask again after a
 * completion; it does not happen within PAGER_OUTSTANDING.
 */
must_check enum status store_request(
    struct store *s, const struct pager_request *r);
bool store_next_io(struct store *s, struct store_io *io);
/* RC_OK, RC_MEDIA or RC_DEVICE. A driver that died is no answer: re-issue. */
void store_io_done(struct store *s, uint64_t tag, enum status st);
bool store_next_completion(struct store *s, struct pager_completion *c);
bool store_next_event(struct store *s, struct store_event *e);

/* What the kernel's control page says (kernel/abi/pager.h). */
void store_usage(
    struct store *s, uint64_t epoch, uint32_t used, uint32_t waiting);
/* F7: half the credits are used, or a process waits and a commit may help. */
bool     store_wants_snapshot(const struct store *s);
uint32_t store_credits_notify(const struct store *s);

/*
 * Pin or unpin a generation; durable with the next commit. RC_FULL: its whole
 * size does not fit beside the reserve (F7). RC_NOT_FOUND; RC_STATE: it is
 * being dropped; RC_LIMIT: too many are pinned.
 */
must_check enum status store_keep(struct store *s, uint64_t number, bool keep);
/* The index-th generation of the newest superblock, oldest first. */
bool                   store_generation(
		      const struct store *s, unsigned index, struct generation *g);
/* The newest durable superblock; for tests. */
const struct superblock *store_superblock(const struct store *s);
void store_figures(const struct store *s, struct store_figures *f);

/* All invariants of all parts; slow. */
bool store_ok(struct store *s);

#endif
