/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crash simulator of the store: the real store on a disk that holds,
 * reorders, tears and drops unflushed writes, under a fake kernel.
 *
 * One seed decides everything. A *life* runs a workload from an image and logs
 * all that the disk is told; then the power is cut at every point of that log,
 * with none, all and random subsets of the unflushed writes surviving, and
 * each outcome is recovered by the real store and verified. One outcome is
 * where the next life begins.
 */
#ifndef TESTSUITE_FAULT_STORE_SIM_H
#define TESTSUITE_FAULT_STORE_SIM_H

#include "persist/format/map.h"
#include "persist/format/volume.h"
#include "persist/store/mutation.h"
#include "persist/store/store.h"

#include <stdio.h>

enum {
	SIM_BLOCKS = 40960, /* Most blocks of a volume. */
	SIM_OBJECTS = 1200, /* Most objects. */
	SIM_SNAPSHOTS = 64, /* Of one life, most. */
	SIM_LOG = 16384,
	SIM_PENDING = STORE_IO,
	SIM_RECORD = 3,
	SIM_FLOOR = 4,
};

/* What a run is like. */
struct sim_plan {
	uint64_t seed;
	uint32_t blocks, objects, stride, credits, lives, commits;
	bool     full; /* Near-full volume: rewrite everything. */
	bool     cut;  /* Cut the power at every point. */
	uint32_t
	     every; /* Only each n-th point, and those that matter; 0: all. */
	bool quiet;
	uint32_t fail_at; /* The n-th transfer fails; 0: none. */
	bool     sticky;  /* And all after it, for a while. */
};

struct sim_result {
	uint64_t cuts, commits, refused, failures, faults;
	char     what[256];
};

/* Random numbers: splitmix64. */
struct sim_random {
	uint64_t x;
};
uint64_t sim_next(struct sim_random *r);
uint32_t sim_below(struct sim_random *r, uint32_t n);

/* Block contents are shared and never change; 0 is a block of zeros. */
struct content {
	uint8_t  data[BLOCK_SIZE];
	uint64_t key, version; /* Of an object's content; else 0. */
	bool     torn;
};

struct image {
	uint32_t              blocks;
	const struct content *block[SIM_BLOCKS];
};

enum event_kind {
	EV_WRITE, /* Given out. */
	EV_LOST,  /* Failed, and nothing arrived. */
	EV_DONE,  /* Reported as done: it may be in the cache only. */
	EV_FLUSH, /* Done: all writes done before it was given out are safe. */
	EV_ACK,   /* A generation was acknowledged as durable. */
};

struct event {
	enum event_kind       kind;
	uint32_t              write; /* Index of EV_WRITE in the log. */
	uint32_t              block;
	uint32_t              before; /* EV_FLUSH: log length at its start. */
	const struct content *content;
	uint64_t              snapshot; /* EV_ACK. */
};

struct pending {
	bool            busy;
	struct store_io io;
	uint32_t        first; /* Event of the first block written. */
	uint32_t        before;
};

/* disk.c */
struct disk {
	struct image      now;  /* With everything given out so far. */
	struct image      base; /* At the start of the life. */
	struct event      event[SIM_LOG];
	uint32_t          events;
	struct pending    pending[SIM_PENDING];
	uint32_t          npending;
	const uint8_t    *frames;
	uint8_t          *frames_rw;
	struct sim_random random;
	uint64_t          transfers, fail_at;
	uint32_t          fail_left;
	bool              sticky;
	uint64_t          faults;
};

void disk_start(struct disk *d, const struct image *from, uint8_t *frames);
bool disk_full(const struct disk *d);
void disk_give(struct disk *d, const struct store_io *io);
/* Completes one transfer, any; false: none is pending. */
bool disk_step(struct disk *d, struct store *s);
struct content *content_new(void);
void            content_reset(const struct image *keep, struct image *moved);
const struct content *content_zero(void);
/* Synchronous service of all that the store wants: for recovery. */
void image_serve(const struct image *i, struct store *s, uint8_t *frames);

/* oracle.c */
struct object_state {
	uint32_t count;
	uint8_t  kind;
	uint64_t version;
};

struct snapshot_state {
	uint64_t            id;
	struct object_state object[SIM_OBJECTS];
	uint64_t            record; /* Version of the record pages. */
	uint32_t            record_pages;
};

/*
 * Reads a whole image without the store's code: the generation of this number
 * must hold exactly this state. NULL if it does, else what is wrong.
 */
const char *oracle_state(const struct image *i, const struct generation *g,
    const struct snapshot_state *want, const struct sim_plan *p);
/* Every block of every generation, births, dead lists, bitmap. */
const char *oracle_space(const struct image *i, const struct superblock *b);
void        image_copy(struct image *to, const struct image *from);

/* kernel.c */
struct kernel;
struct kernel *kernel_new(void);
void           kernel_start(struct kernel *k, struct store *s, struct disk *d,
	      const struct sim_plan *p, const struct snapshot_state *from, uint64_t seed);
/* One action; false: something is wrong, see kernel_wrong. */
bool           kernel_step(struct kernel *k);
bool           kernel_open(const struct kernel *k);
uint64_t       kernel_commits(const struct kernel *k);
uint64_t       kernel_refused(const struct kernel *k);
const char    *kernel_wrong(const struct kernel *k);
const char    *kernel_state(struct kernel *k);
const struct snapshot_state *kernel_snapshot(
    const struct kernel *k, uint64_t id);
uint64_t kernel_acked(const struct kernel *k);

/* life.c */
bool sim_run(const struct sim_plan *p, struct sim_result *r);

/* cut.c */
bool                cut_everywhere(const struct disk *d, const struct kernel *k,
		   const struct sim_plan *p, struct sim_random *random, struct sim_result *r,
		   struct image *survivor, struct snapshot_state *state, uint64_t first);
struct store_config sim_config(const struct sim_plan *p, const uint8_t *frames);
void                sim_format(const struct sim_plan *p, struct image *i);

#endif
