/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames: the object table, one entry for each 4 KiB of RAM.
 *
 * The index of an entry is the physical address / 4096, and is what the hint
 * of a capability holds (24 bits: 64 GiB, M1). A frame holds one object (page,
 * node frame, state page), a mapping table, a frozen copy that belongs to the
 * store, or nothing.
 *
 * Invariants (frame_ok):
 *  1. At most one frame in use as USE_OBJECT has a given frame number, and
 *     that one is in the hash. All others have FRAME_NONE. While its content
 *     is not there (FF_IO_IN, FF_LOST, FF_STAT) its kind is FK_COUNT, so that no
 *     capability to it can pass for valid.
 *  2. A frame with pins > 0 is never evicted, moved or freed.
 *  3. epoch >= the current epoch means: may be written without more ado.
 *     Objects that are not persistent have EPOCH_ALWAYS.
 *  4. A writable page-table entry refers to a frame only if 3 holds for it.
 *  5. FF_IO_OUT frames are not written, not even hints into them.
 *  6. A frame whose `held` is mem.entry is not evicted, moved or freed: the
 *     current kernel entry has a pointer into it (frame_hold). There is
 *     nothing to release: the next entry has another number. One whose `held`
 *     is mem.token is not evicted: the holder of the progress token needs it.
 */
#ifndef KERNEL_MEM_FRAME_H
#define KERNEL_MEM_FRAME_H

#include "kernel/abi/cap.h"
#include "kernel/hal/hal.h"
#include "persist/format/frame.h"

enum frame_use {
	USE_NONE, /* Not RAM we may use. */
	USE_FREE,
	USE_OBJECT,
	USE_TABLE,  /* A hardware mapping table. */
	USE_FROZEN, /* Old content of an object, until it is on disk. */
	USE_BOUNCE, /* Stands in for a frame a device cannot address (D15). */
	USE_KERNEL, /* Kernel memory: image, frame table, kernel objects. */
};

enum frame_flags {
	FF_DIRTY = 1 << 0,      /* Differs from what the store has. */
	FF_IO_IN = 1 << 1,      /* A fetch is in flight; content not valid. */
	FF_IO_OUT = 1 << 2,     /* A clean is in flight: not to be written. */
	FF_REFERENCED = 1 << 3, /* Used since the ageing hand came by. */
	FF_FORCED = 1 << 4,     /* State page: hal_force has passed (F3). */
	FF_LOST = 1 << 5,       /* Media error: its users get RC_MEDIA. */
	FF_EXPOSED = 1 << 6,    /* A device or driver can reach it now. */
	FF_DMA = 1 << 8,        /* Mapped for DMA by capability. */
	FF_STAT = 1 << 10, /* Only its count is known, not its content. */
	FF_PAID = 1 << 9,       /* This dirtying took a credit (F7). */
	FF_LENT = 1 << 11,      /* State page: its loan holds (D4). */
};

/* Classes of memory, the most precious first (D15). */
enum frame_class {
	CLASS_16M,
	CLASS_4G,
	CLASS_ANY,
	CLASS_COUNT,
};

#define FRAME_NONE   UINT64_MAX /* No object. */
#define EPOCH_ALWAYS UINT64_MAX

enum { NO_INDEX = UINT32_MAX };

/* Nobody has the progress token: a number that no kernel entry has. */
enum { TOKEN_NONE = UINT32_MAX - 1 };

/* Which list next and prev belong to. */
enum frame_list_id {
	LIST_NONE,
	LIST_FREE,    /* By class (mem/frame). */
	LIST_AGE,     /* Clean objects that may be evicted (mem/age). */
	LIST_DIRTY_0, /* Dirty in an even epoch (mem/epoch). */
	LIST_DIRTY_1, /* Dirty in an odd one. */
};

/* The page-table entries that refer to a page or table (mem/rmap). */
struct rmap {
	uint32_t first; /* Inline entry; 0: none. */
	uint32_t more;  /* Pool index, or NO_INDEX. */
};

/* 80 bytes: 1.6 % of memory. */
struct frame {
	uint64_t number; /* Of the object; FRAME_NONE if none. */
	uint64_t epoch;  /* Writable in this epoch (invariant 3). */
	uint32_t count;  /* Allocation count of page, state, or frame. */
	uint8_t  use;    /* enum frame_use */
	uint8_t  kind;   /* enum frame_kind, of an object. */
	uint16_t flags;  /* enum frame_flags */
	uint16_t pins;
	uint8_t class;
	uint8_t  list;       /* enum frame_list_id */
	uint32_t hash_next;  /* Index, or NO_INDEX. */
	uint32_t next, prev; /* Free, ageing or dirty list. */
	uint32_t tag;        /* Pager request in flight, or NO_INDEX. */
	uint32_t held;       /* Kernel entry that uses it (invariant 6). */
	uint32_t charged;    /* Low bits of the epoch it has a credit of. */
	union {
		/* Pages: entries that map it (F2); owned by mem/rmap. */
		struct rmap rmap;
		/* State pages: owned by mem/table and kernel/object. */
		struct {
			uint32_t activity; /* Index, or NO_INDEX. */
			uint32_t top;    /* Slot of its top table, NO_INDEX. */
			uint32_t serial; /* Of that table: stale if unequal. */
		} state;
		/* Tables: owned by mem/table. */
		struct {
			uint32_t slot; /* Index of its struct table. */
			uint32_t turn; /* Of the hand: when it came by. */
		} table;
		/* Frozen copies: whose content it is (mem/epoch). */
		struct {
			uint32_t low, high; /* Frame number. */
		} frozen;
	};
};

_Static_assert(sizeof(struct frame) == 64, "1.6 % of memory");

struct table;

/* Root of kernel/mem. Read-only to others. */
struct mem {
	struct frame *frame;     /* By physical frame number; hint_mask + 1. */
	uint32_t      nframes;   /* Entries in the table. */
	uint32_t      hint_mask; /* Smallest 2^n - 1 >= nframes - 1. */
	uint64_t      epoch;     /* The current epoch; starts at 1. */
	uint32_t      boot;      /* Boot number; 0 until the store tells. */
	uint32_t      entry;     /* Number of this kernel entry, odd. */
	uint32_t      token;     /* That of the token's holder (S12). */
	uint32_t      step;      /* To the next entry's number: 2, or 0. */
	struct table *table;     /* Mapping tables by slot; of kernel/mem. */
	uint64_t      changes;   /* Rises when a process may be other. */
	uint64_t      upper;     /* Rises when tables lead elsewhere: hit.c. */
	uint64_t      stamp;     /* Of flushing; of kernel/mem (F10). */
	struct table *top;       /* That is loaded; NULL: the kernel's own. */

	/* Node and state frame of the loaded process, or two NULLs. */
	struct frame *const *loaded;
};
extern struct mem mem;

static inline uint32_t
frame_index(const struct frame *f)
{
	return (uint32_t)(f - mem.frame);
}

static inline paddr
frame_paddr(const struct frame *f)
{
	return (paddr){(uint64_t)frame_index(f) << PAGE_SHIFT};
}

static inline void *
frame_data(const struct frame *f)
{
	return hal_direct(frame_paddr(f));
}

static inline struct node_frame *
frame_nodes(const struct frame *f)
{
	return frame_data(f);
}

static inline bool
frame_writable(const struct frame *f)
{
	return f->epoch >= mem.epoch;
}

/* Keep a frame where it is until this kernel entry is over. */
static inline void
frame_hold(struct frame *f)
{
	f->held = mem.entry;
}

/* Is it one of the loaded process's (F4)? Such stay where they are. */
static inline bool
frame_loaded(const struct frame *f)
{
	return f == mem.loaded[0] || f == mem.loaded[1];
}

void frame_changed_slow(const struct frame *f);

/*
 * Something of this frame is about to change, or has, that those who know a
 * process by it rely on: where it is, whether it may be written, its role.
 */
static inline void
frame_changed(const struct frame *f)
{
	if (f->kind == FK_STATE || f->kind == FK_NODE)
		frame_changed_slow(f);
}

/* No process is loaded. */
void mem_unload(void);

/*
 * The frame that the hint names; a hint beyond memory names one that is no
 * object. The table has a power of two of entries, so that a mask bounds the
 * index under speculation too (M1).
 */
static inline struct frame *
frame_hinted(uint32_t hint)
{
	return &mem.frame[hint & mem.hint_mask];
}

/* The resident object with this frame number (I/O in flight included). */
struct frame *frame_find(uint64_t number);

/*
 * A free frame, zeroed, of the least precious class that serves `class`.
 * Evicts clean objects or reclaims tables to get one. RC_NO_MEMORY when
 * nothing can ever be had without a pager; else ST_WAIT (WAIT_MEMORY).
 */
must_check enum status frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);

/* The same, but the content is not cleared. */
must_check enum status frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out);
void frame_free(struct frame *f);

/*
 * A piece of the work to get memory is done: wait until interrupts that have come
 * are served, and do the next (D3). ST_WAIT, or as wait_on says of residents.
 */
must_check enum status frame_wait_again(void);

/* At each interrupt of the clock, after pager_poll: they go on. */
void frame_again(void);

/* 4 KiB: here, where the compiler looks for speed, in words of 8 bytes. */
void frame_clear(struct frame *f);
void frame_copy(struct frame *to, const struct frame *from);

struct kinfo_counters;

struct memory_figures {
	uint32_t total, free, objects, tables, kernel, dirty;
};
void frame_figures(struct memory_figures *out);

/* This layer's part of the counters that kinfo shows. */
const struct kinfo_counters *frame_counters(void);

bool frame_ok(const struct frame *f);

struct handoff;

/*
 * Take over memory: build the frame table, adopt the boot range's frames as
 * pinned objects of the boot source, put the rest on the free lists.
 */
void mem_init(const struct handoff *h);

/*
 * Contiguous zeroed memory for a table that lives as long as the kernel (the
 * activity table and the like). Only at start, after mem_init and before the
 * first process runs; panics if memory is that small.
 */
void *mem_reserve(size_t bytes);

#endif
