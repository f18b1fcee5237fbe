/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a dead list (F8): entries are gathered and leave in blocks of 255,
 * each of which names the one before. Only the newest may be partly full.
 */
#ifndef PERSIST_STORE_LIST_H
#define PERSIST_STORE_LIST_H

#include "kernel/abi/status.h"
#include "persist/format/map.h"

struct store;

struct list_home {
	uint32_t key;
	uint64_t block;
};

struct list_writer {
	struct dead_entry *entry;
	struct list_home  *home; /* Of the blocks that these entries fill. */
	uint32_t           n, limit;
	uint32_t           homes, emitted;
	uint64_t           head;    /* Key + 1 of the newest block written. */
	uint64_t           entries; /* In the chain below head. */
};

size_t list_bytes(uint32_t limit);
void   list_init(struct list_writer *w, uint32_t limit, void *memory);
/* Start a list on top of a chain of full blocks. */
void   list_begin(struct list_writer *w, uint64_t head, uint64_t entries);
must_check enum status list_add(
    struct list_writer *w, uint64_t block, uint64_t birth);
/* Writes blocks that are full; ST_WAIT: no buffer. */
must_check enum status list_flush(struct store *s, struct list_writer *w);
/* Keys and homes for all that is gathered; *changed if any. */
must_check enum status list_plan(
    struct store *s, struct list_writer *w, bool *changed);
/* Writes what was planned, the last block too. */
must_check enum status list_emit(struct store *s, struct list_writer *w);
/* Forget a list block: its key is free, its block dead. */
must_check enum status list_remove(struct store *s, uint64_t key);
/* How to read a list block; the key is the table's. */
struct pointer;
void list_pointer(struct store *s, uint64_t key, struct pointer *p);

#endif
