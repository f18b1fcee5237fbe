/* SPDX-License-Identifier: BSD-2-Clause */
/* A store on a disk in memory that does at once what it is told. */
#ifndef TESTSUITE_UNIT_PERSIST_RIG_H
#define TESTSUITE_UNIT_PERSIST_RIG_H

#include "persist/format/map.h"
#include "persist/format/volume.h"
#include "persist/store/store.h"

enum { RIG_FRAMES = 256, RIG_BLOCKS_MAX = 4096, RIG_EVENTS = 64 };

struct rig {
	struct store       *s;
	struct store_config config;
	uint8_t (*disk)[BLOCK_SIZE];
	uint8_t (*frame)[PAGE_SIZE];
	void    *memory;
	uint64_t blocks;
	uint64_t epoch, tag;
	bool     hold; /* Give out no I/O. */

	/* What happened. */
	uint64_t                reads, writes, flushes, transfers;
	uint64_t                longest; /* Blocks in one transfer. */
	uint8_t                 written[RIG_BLOCKS_MAX];
	struct pager_completion open, credit, last;
	bool                    opened;
	struct store_event      event[RIG_EVENTS];
	unsigned                events;
	/* Errors to give: transfers of this block fail. 0: none. */
	uint64_t                bad_block;
	unsigned                bad_times;
	bool                    bad_flush;
};

/* A fresh volume of so many blocks, formatted, not mounted. */
void        rig_make(struct rig *r, uint64_t blocks, uint64_t positions);
void        rig_free(struct rig *r);
/* Before mounting: more than the few credits of most tests. */
void rig_credits(struct rig *r, uint32_t credits);
/* Start the store again, as after power-off. */
enum status rig_mount(struct rig *r);
void        rig_pump(struct rig *r);
bool        rig_event(const struct rig *r, enum store_event_code code);

/* One request, served to its end; the completion is in r->last. */
enum status rig_ask(struct rig *r, struct pager_request q);
enum status rig_clean(struct rig *r, uint64_t n, uint64_t content);
enum status rig_clean_epoch(
    struct rig *r, uint64_t n, uint64_t content, uint64_t epoch);
enum status        rig_drop(struct rig *r, uint64_t n, uint32_t count);
/* Fetch; *content is the page's first word. */
enum status        rig_fetch(struct rig *r, uint64_t n, uint64_t *content);
enum status        rig_snapshot(struct rig *r);
enum status        rig_barrier(struct rig *r);
enum status        rig_commit(struct rig *r);
struct superblock *rig_super(struct rig *r, unsigned slot);
/* Make a superblock's checksum right again after a change. */
void               rig_seal(struct rig *r, unsigned slot);

#endif
