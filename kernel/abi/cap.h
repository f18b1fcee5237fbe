/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities: 16 bytes, the same on disk and in memory.
 *
 *     type:8 rights:8 data:16 count:32 | oid:40 hint:24
 *
 * The hint is the kernel's guess where the object is; it means nothing
 * outside the kernel, and compare, check and disk format ignore it (M1). In a
 * number the 96 bits of count, oid and hint are the value.
 */
#ifndef KERNEL_ABI_CAP_H
#define KERNEL_ABI_CAP_H

#include "kernel/abi/types.h"

enum cap_kind {
	CK_VOID = 0,
	CK_NUMBER,
	CK_PAGE,
	CK_NODE,    /* As data or as segment: data = span - 1 (6 bits). */
	CK_GUARD,   /* A guarded node: segment with keeper. data as for node. */
	CK_PROCESS,
	CK_START,   /* data: 16 bits that the server sees. */
	CK_RESUME,  /* Call number in rights, data and count. */
	CK_RESTART, /* A faulted process: resume or kill it. Same content. */
	CK_FORWARDER, /* Opaque: data is what it sends (enum forwarder_send). */
	CK_NOTICE,   /* data: bit (0-63) of the process's notice word. */
	CK_SCHEDULE, /* data: priority (0-15); count: reserve number. */
	CK_RANGE,    /* Frames: see cap_range_make. */
	CK_SNAPSHOT, /* Held by the store alone. */
	CK_CLOCK,
	CK_DISCRIM,
	CK_LOG,       /* The console log. */
	CK_KINFO,     /* Kernel information. */
	CK_BOOTSVC,   /* data: service number, resolved at each use. */
	CK_RESTARTED, /* data: the kind it had before the restart. */
	/* Devices: oid is a kernel object {physical source, table index}. */
	CK_IRQ_SPACE,
	CK_IRQ,
	CK_PORT_SPACE,
	CK_PORTS,
	CK_MMIO_SPACE,
	CK_MMIO, /* Mappable; data = span - 1. */
	CK_DMA_SPACES,
	CK_DMA,
	CK_ISA_DMA,
	CK_CACHE,  /* The object cache: bind, expose, conceal; mappable. */
	CK_PAGER,  /* The store's doorbell to the kernel. */
	CK_WINDOW, /* Slots of 4 KiB onto frames in flight; mappable. */
	CK_RESET,  /* Reset the machine. */
	CK_COUNT,
};

/* What a node is. Changed only together with its count (D6). */
enum node_role {
	ROLE_DATA,
	ROLE_PROCESS,
	ROLE_FORWARDER,
	ROLE_GUARD,
	ROLE_COUNT,
};

enum cap_rights {
	CR_READ_ONLY  = 1 << 0,
	CR_NO_EXECUTE = 1 << 1,
	CR_WEAK       = 1 << 2,
	CR_NO_CALL    = 1 << 3,
	CR_OPAQUE     = 1 << 4,
	CR_ALL        = (1 << 5) - 1,
};

/* What an opaque forwarder puts into the messages that go through it. */
enum forwarder_send {
	FORWARDER_SEND_WORD = 1 << 0, /* Word 4: the data word. */
	FORWARDER_SEND_CAP  = 1 << 1, /* Capability 2: it, not opaque. */
	FORWARDER_SEND_ALL  = (1 << 2) - 1,
};

/* In the header of its node. */
enum forwarder_flags {
	FORWARDER_BLOCKED = 1 << 0,
};

struct cap {
	uint8_t  type;   /* enum cap_kind. */
	uint8_t  rights; /* enum cap_rights: each bit takes something away. */
	uint16_t data;
	uint32_t count; /* Allocation count the object must have. */
	uint64_t word;  /* oid:40, hint:24. */
};

_Static_assert(sizeof(struct cap) == 16, "a capability is 16 bytes");

enum {
	CAP_HINT_SHIFT   = OID_BITS,
	CALL_NUMBER_BITS = 56,
};

static inline oid
cap_oid(const struct cap *c)
{
	return (oid){c->word & OID_MASK};
}

static inline uint32_t
cap_hint(const struct cap *c)
{
	return (uint32_t)(c->word >> CAP_HINT_SHIFT);
}

static inline struct cap
cap_make(enum cap_kind kind, unsigned rights, unsigned data, uint32_t count,
    oid o)
{
	return (struct cap){
	    .type   = (uint8_t)kind,
	    .rights = (uint8_t)rights,
	    .data   = (uint16_t)data,
	    .count  = count,
	    .word   = o.v,
	};
}

/* A node or guard that covers 2^span bytes (or slots), 1 <= span <= 64. */
static inline unsigned
cap_span(const struct cap *c)
{
	return c->type == CK_PAGE ? PAGE_SHIFT : (c->data & 63u) + 1;
}

/* Resume and restart: the call number (56 bits) in rights, data and count. */
static inline uint64_t
cap_call_number(const struct cap *c)
{
	return (uint64_t)c->rights << 48 | (uint64_t)c->data << 32 | c->count;
}

static inline struct cap
cap_resume_make(enum cap_kind kind, uint64_t number, oid process)
{
	return cap_make(kind, (unsigned)(number >> 48) & 0xff,
	    (unsigned)(number >> 32) & 0xffff, (uint32_t)number, process);
}

/*
 * A range of frames of one source, not a kernel object, so it survives a
 * reboot (D9). First frame: the frame number's source (2) and position (35);
 * length 48 bits.
 *     word 0-36 first frame; word 37-63 and count low 21: length;
 */
static inline struct cap
cap_range_make(uint64_t first, uint64_t length)
{
	struct cap c = {.type = CK_RANGE};

	c.word  = (first & ((UINT64_C(1) << OID_FRAME_BITS) - 1)) |
	    length << OID_FRAME_BITS;
	c.count = (uint32_t)(length >> (64 - OID_FRAME_BITS));
	return c;
}

static inline uint64_t
cap_range_first(const struct cap *c)
{
	return c->word & ((UINT64_C(1) << OID_FRAME_BITS) - 1);
}

static inline uint64_t
cap_range_length(const struct cap *c)
{
	return c->word >> OID_FRAME_BITS |
	    (uint64_t)c->count << (64 - OID_FRAME_BITS);
}

static inline struct cap
cap_number_make(uint64_t low, uint32_t high)
{
	return (struct cap){.type = CK_NUMBER, .count = high, .word = low};
}

#endif
