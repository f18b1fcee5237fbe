/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object cache from the inside: what the files of kernel/mem need of each
 * other. Nobody else includes this.
 */
#ifndef KERNEL_MEM_CACHE_H
#define KERNEL_MEM_CACHE_H

#include "kernel/abi/kinfo.h"
#include "kernel/mem/list.h"
#include "kernel/mem/top.h"

static inline bool
is_persistent(uint64_t number)
{
	return frame_source(number) == SOURCE_PERSISTENT;
}

/*
 * Instructions, about, of what was done frame by frame or entry by entry: who
 * does that sets it to 0 first, and ends when it is enough (D3).
 */
extern unsigned mem_work;

/* --- frame.c ------------------------------------------------------------ */

void frame_init(uint32_t *hash, uint32_t buckets);

/* One more frame of free memory. */
void frame_give(struct frame *f);

/*
 * A free frame now or NULL: nothing is evicted, content is not cleared. What
 * it will be is given, and how much of the reserve that may take.
 */
struct frame *frame_take(
    enum frame_class class, enum frame_use use, uint32_t leave);

/* This free frame becomes the kernel's. */
void frame_claim(struct frame *f);

/* What a frame in use is for changes, not what it holds. */
void frame_reuse(struct frame *f, enum frame_use use);

/* Residents may use the last frames: set round their walks (F5). */
void frame_use_reserve(bool use);

uint32_t frame_free_count(void);

/* The frame becomes the object with this number: it is entered in the hash. */
void frame_name(struct frame *f, uint64_t number);

/* It is that no more. */
void frame_unname(struct frame *f);

/* --- counts.c ----------------------------------------------------------- */

/* Allocation counts of ephemeral numbers that have no frame. */
void     counts_init(uint32_t *table, uint32_t n);
uint32_t counts_get(uint64_t number);
void     counts_raise(uint64_t number, uint32_t count);

/* --- age.c -------------------------------------------------------------- */

void     age_init(void);
void     age_add(struct frame *f);
void     age_remove(struct frame *f);
uint32_t age_count(void);

/* Evict a few clean objects whose frames serve this class; were there any? */
bool age_evict(enum frame_class class);

/* Was it used since this was last asked? */
bool frame_take_used(struct frame *f);

/* May it be evicted, moved or cleaned now? */
bool frame_movable(const struct frame *f);

/* Forget a clean object. Its mappings go; map_flush follows. */
void object_evict(struct frame *f);

/* The union and kind-dependent fields of an object that has just come. */
void object_set_kind(struct frame *f, enum frame_kind kind, uint32_t count);

/* --- clean.c ------------------------------------------------------------ */

/* Memory is short: queue what should be written; bounded work. */
void clean_some(void);

/* The same if memory is short, else only the frozen epoch. */
void clean_if_low(void);

/* The frozen epoch: queue more of it, or its BARRIER. */
void clean_frozen(void);

/* --- epoch.c ------------------------------------------------------------ */

void epoch_init(void);

/* The first write to a persistent object in this epoch. */
must_check enum status epoch_first_write(struct frame **f);

/* A credit: is there one (it may wait); take it; it was not needed. */
must_check enum status epoch_credit_ready(void);
void                   epoch_credit_take(void);
void                   epoch_refund(void);

/* Dirty objects of the working epoch; what is left of the frozen one. */
struct frame_list *epoch_dirty(void);
struct frame_list *epoch_frozen(void);
bool               epoch_freezing(void); /* A snapshot is not committed. */
bool               epoch_may_clean(void); /* Its frozen list, that is. */

/* Whose content: of an object, or of a frozen copy of one. */
uint64_t frame_content(const struct frame *f);

/* The number of a frozen copy. */
static inline void
frozen_name(struct frame *f, uint64_t number)
{
	f->frozen.low = (uint32_t)number;
	f->frozen.high = (uint32_t)(number >> 32);
}

/* Credits used in the working epoch, the reserve's not counted. */
uint32_t epoch_used(void);

/* What of the store arrives: credit totals; the end of a commit. */
void epoch_credit_set(uint32_t now, uint32_t next, uint32_t reserve);
void epoch_committed(bool ok);

/* A clean of `epoch` failed: the frame is dirty as before. */
void epoch_not_cleaned(struct frame *f, uint64_t epoch);

/* --- intake.c ----------------------------------------------------------- */

/*
 * Check a delivered node frame (D10) and convert what is of another boot
 * (F6). false: it is not what it should be.
 */
must_check bool intake(struct frame *f, uint64_t number, uint32_t count);



#endif
