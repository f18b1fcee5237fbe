/* SPDX-License-Identifier: BSD-2-Clause */
/* The one root struct of the store and what its parts share. */
#ifndef PERSIST_STORE_STATE_H
#define PERSIST_STORE_STATE_H

#include "persist/store/cache.h"
#include "persist/store/delta.h"
#include "persist/store/list.h"
#include "persist/store/mutation.h"
#include "persist/store/space.h"
#include "persist/store/store.h"
#include "persist/store/table.h"

enum {
	IO_TRIES = 3,
	BLOCK_TRIES = 3, /* Blocks tried for one clean. */
	EVENTS = 32,
	UNSOLICITED = 4,
	NO_REQUEST = 0, /* Requests are linked by index + 1. */
};

/*
 * A request:
 *
 *     FREE -> LOOKUP -> READ -> DONE -> FREE      fetch, stat
 *     FREE -> WRITE -> DONE -> FREE               clean
 *     FREE -> BARRIER -> DONE -> FREE
 *
 * LOOKUP ends early when nothing need be read; DONE waits to be taken.
 */
enum request_state {
	R_FREE,
	R_LOOKUP,
	R_READ,
	R_WRITE,
	R_BARRIER,
	R_DONE,
};

struct request {
	struct pager_request    r;
	struct pager_completion c;
	enum request_state      state;
	bool                    queued; /* In `queue`, not in flight. */
	bool                    alone;  /* After an error: no vector. */
	bool                    frozen; /* A change of the frozen epoch. */
	uint8_t                 tries, blocks;
	uint32_t                next; /* Of the list it is on. */
	struct pointer          at;   /* LOOKUP: map block wanted next. */
	uint64_t                birth;
	uint64_t                block; /* READ, WRITE. */
	uint64_t                check;
	uint64_t                key;
};

struct request_list {
	uint32_t head, tail;
};

enum io_kind {
	IO_FREE,
	IO_PAGES, /* Requests, linked. */
	IO_SLOT,  /* A cache slot. */
	IO_FLUSH,
	IO_SUPER,
	IO_MOUNT, /* Header or superblock being read. */
};

struct io {
	enum io_kind  kind;
	enum store_op op;
	uint32_t      first; /* Request + 1, or slot. */
	uint64_t      block;
	uint32_t      tries;
};

/*
 * The commit (commit.c):
 *
 *          snapshot     barrier      cleans done     drops done
 *     IDLE -----> FROZEN -----> DRAIN -------> DROP -------> MERGE
 *      ^                                                       | map done
 *      | release                                               v
 *     RELEASE <- FLUSH2 <- SUPER <- FLUSH1 <- SETTLE <- EMIT <- PLAN
 *
 * Any failure leads to FAIL, which waits for what is in flight, then undoes.
 */
enum commit_state {
	C_IDLE,
	C_FROZEN,
	C_DRAIN,
	C_DROP,
	C_MERGE,
	C_PLAN,
	C_EMIT,
	C_SETTLE,
	C_FLUSH1,
	C_SUPER,
	C_FLUSH2,
	C_RELEASE,
	C_FAIL,
};

/* One level of the path that the merge has open; level 1 is the leaf. */
struct path {
	uint8_t       *data;
	struct pointer old; /* Where it was read; block 0: it is new. */
	uint64_t       old_birth;
	uint64_t       first; /* Key. */
	uint64_t       home;  /* Where it will be written; 0: not chosen. */
	bool           open;
};

struct merge {
	uint32_t         next; /* Position in the frozen delta's order. */
	enum oid_source  source;
	bool             started; /* The tree of `source`. */
	uint32_t         levels;
	struct map_root *root;
	struct path      path[MAP_LEVELS_MAX + 1];
};

struct drop {
	unsigned at; /* Generation being dropped, index in next. */
	bool     reading;
	uint64_t key;     /* + 1 of the list block to read next. */
	bool     folding; /* It is the head of the dropped one's list. */
	uint64_t before;  /* Number of the predecessor, 0: none. */
	uint64_t keep;    /* What the new list is put on: key + 1. */
	uint64_t keep_entries;
};

struct commit {
	enum commit_state state;
	enum status       status;
	struct merge      merge;
	struct drop       drop;
	uint32_t          emit; /* Step of EMIT. */
	uint32_t          emit_level;
	uint64_t          allocated, died; /* For the size of the generation. */
	uint64_t          frames;
	struct pager_request snapshot;
	uint32_t             barrier; /* Request + 1. */
	bool                 flush_wanted, super_wanted, super_seen;
	bool                 io;   /* A flush or superblock is in flight. */
	unsigned             slot; /* For the superblock. */
};

enum mount_state {
	M_START,
	M_HEADER,
	M_SUPER,
	M_ROOTS,
	M_SPACE,
	M_LISTS,
	M_OPEN,
	M_FAILED,
};

struct mount {
	enum mount_state state;
	enum status      status;
	bool             wanted, io;
	unsigned         slot; /* Being read; then in use. */
	bool             valid[SUPER_SLOTS];
	bool             fell_back;
	uint32_t         step;
};

struct store {
	struct store_config   config;
	uint64_t              seed;
	struct volume_header *header;
	struct superblock *super[SUPER_SLOTS]; /* Mount; then newest, next. */
	struct superblock *now;                /* The newest durable. */
	struct superblock *next;               /* Being made. */
	uint64_t           boot;
	unsigned           slot;        /* That holds `now`. */
	uint64_t           last_number; /* Ever tried; never used twice. */

	struct space       space;
	struct cache       cache;
	struct delta      *working, *frozen;
	struct delta       delta[2];
	struct table       bitmap, lists;
	struct list_writer dead; /* Of the generation being made. */
	struct list_writer kept; /* Of the list being filtered. */

	struct request     *request;
	struct request_list unused, lookups, queue, done;
	struct io           io[STORE_IO];
	uint32_t            io_busy;

	struct commit commit;
	struct mount  mount;

	struct pager_completion unsolicited[UNSOLICITED];
	uint32_t                nunsolicited;
	struct store_event      event[EVENTS];
	uint32_t                event_head, event_tail;

	uint32_t granted, granted_next; /* Credits (credit.c). */
	uint32_t inherited; /* Charged by a failed epoch, not by this one. */
	uint32_t used, waiting;
	bool     failed; /* The last commit did. */
};

/* store.c */
void store_event(struct store *s, enum store_event_code code, enum status st,
    uint64_t block, uint64_t value);
void store_pump(struct store *s);
void store_tell(struct store *s, const struct pager_completion *c);

/* request.c */
void requests_init(struct store *s);
void request_list_add(
    struct store *s, struct request_list *l, struct request *q);
struct request *request_list_take(struct store *s, struct request_list *l);
void request_done(struct store *s, struct request *q, enum status st);
void request_read_done(struct store *s, struct request *q, enum status st);
void request_write_done(struct store *s, struct request *q, enum status st);
const void *request_frame(const struct store *s, const struct request *q);

/* lookup.c */
void                     lookup_start(struct store *s, struct request *q);
void                     lookups_continue(struct store *s);
void                     lookups_restart(struct store *s);
const struct generation *store_current(const struct store *s);

/* io.c */
void io_init(struct store *s);

/* commit.c */
void commit_snapshot(struct store *s, const struct pager_request *r);
void commit_barrier(struct store *s, struct request *q);
void commit_continue(struct store *s);
void commit_fail(struct store *s, enum status st);
void commit_flush_done(struct store *s, enum status st);
void commit_super_done(struct store *s, enum status st);
/* The generation being made: the last of s->next. */
struct generation     *commit_generation(struct store *s);
uint64_t               commit_alloc(struct store *s);
/* The generation no longer uses this block of its predecessor. */
must_check enum status commit_dead(
    struct store *s, uint64_t block, uint64_t birth);

/* Each: RC_OK when done, ST_WAIT to be called again, else the failure. */
must_check enum status drop_continue(struct store *s);
must_check enum status merge_continue(struct store *s);
must_check enum status plan_all(struct store *s);
must_check enum status emit_continue(struct store *s);
void                   drop_begin(struct store *s);
void                   merge_begin(struct store *s);

/* mount.c */
void mount_continue(struct store *s);
void mount_read_done(struct store *s, enum status st);
bool super_sealed(const struct store *s, const struct superblock *b);
void super_seal(struct store *s, struct superblock *b);

/* credit.c */
void     credit_update(struct store *s);
void     credit_snapshot(struct store *s);
uint64_t credit_overhead(const struct store *s, uint64_t credits);
uint64_t credit_sellable(const struct store *s);
void     credit_condemn(struct store *s);
uint64_t credit_pinned(const struct superblock *b);

#endif
