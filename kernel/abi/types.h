/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The units that kernel, domains, loader and host tools share.
 *
 * Everything here leaves the CPU (registers, memory shared between domains,
 * disk), so widths are fixed and nothing depends on a compiler's layout.
 */
#ifndef KERNEL_ABI_TYPES_H
#define KERNEL_ABI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define must_check __attribute__((warn_unused_result))

enum {
	PAGE_SHIFT    = 12,
	PAGE_SIZE     = 1 << PAGE_SHIFT,
	NODE_SHIFT    = 5, /* log2 of the slots in a node. */
	NODE_SLOTS    = 1 << NODE_SHIFT,
	FRAME_NODES   = 7,     /* Nodes in one 4 KiB node frame. */
	MESSAGE_WORDS = 5,     /* Word 0 is the order or result code. */
	MESSAGE_CAPS  = 4,     /* The 4th of a call is the resume capability. */
	STRING_MAX    = 65536, /* Bytes in the string of one message. */
	CAP_REGISTERS = 16,    /* Register 0 always holds void. */
	NOTICE_BITS   = 64,
	USER_SPAN     = 47, /* log2 of the bytes of an address space. */
};

/*
 * An OID names an object: frame number (37 bits) and index (3 bits).
 * Index 0-6 is a node of a node frame, 7 the frame itself (a page). The top
 * two bits of the frame number are its source.
 */
typedef struct {
	uint64_t v; /* 40 bits. */
} oid;

enum oid_source {
	SOURCE_BOOT,      /* Loaded by the bootstrap, pinned. */
	SOURCE_EPHEMERAL, /* Made from memory, gone at power-off. */
	SOURCE_PHYSICAL,  /* Device memory and kernel objects, by table index. */
	SOURCE_PERSISTENT,
};

enum {
	OID_BITS          = 40,
	OID_INDEX_BITS    = 3,
	OID_INDEX_FRAME   = 7,
	OID_FRAME_BITS    = 37,
	OID_SOURCE_SHIFT  = 35, /* Within the frame number. */
	OID_FRAMES_SHIFT  = 35, /* log2 of the frames of one source. */
};

#define OID_MASK   ((UINT64_C(1) << OID_BITS) - 1)
#define OID_FRAMES (UINT64_C(1) << OID_FRAMES_SHIFT)

static inline oid
oid_make(uint64_t frame, unsigned index)
{
	return (oid){(frame << OID_INDEX_BITS | index) & OID_MASK};
}

static inline uint64_t
oid_frame(oid o)
{
	return o.v >> OID_INDEX_BITS;
}

static inline unsigned
oid_index(oid o)
{
	return (unsigned)(o.v & 7);
}

static inline enum oid_source
frame_source(uint64_t frame)
{
	return (enum oid_source)(frame >> OID_SOURCE_SHIFT & 3);
}

/* The frame number of the n-th frame (0 to 2^35 - 1) of a source. */
static inline uint64_t
frame_of(enum oid_source source, uint64_t n)
{
	return (uint64_t)source << OID_SOURCE_SHIFT | n;
}

/* The position of a frame within its source. */
static inline uint64_t
frame_position(uint64_t frame)
{
	return frame & (OID_FRAMES - 1);
}

static inline bool
oid_equal(oid a, oid b)
{
	return a.v == b.v;
}

#endif
