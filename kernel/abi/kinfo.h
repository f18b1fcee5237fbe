/* SPDX-License-Identifier: BSD-2-Clause */
/* What the query orders of the kernel's capabilities put into strings. */
#ifndef KERNEL_ABI_KINFO_H
#define KERNEL_ABI_KINFO_H

#include "kernel/abi/types.h"

enum {
	LABEL_BYTES = 32, /* A label with its final 0. */
};

enum kinfo_feature {
	KF_XSAVE     = 1 << 0,
	KF_AVX       = 1 << 1,
	KF_SMEP      = 1 << 2,
	KF_SMAP      = 1 << 3,
	KF_UMIP      = 1 << 4,
	KF_NX        = 1 << 5,
	KF_PCID      = 1 << 6,
	KF_FSGSBASE  = 1 << 7,
	KF_1G_PAGES  = 1 << 8,
	KF_INVPCID   = 1 << 9,
	KF_MELTDOWN  = 1 << 10, /* Affected, and not mitigated (S16). */
	KF_IOMMU     = 1 << 11,
	KF_HYPERVISOR = 1 << 12,
};

enum kinfo_activity {
	KA_RUNNING,
	KA_READY,
	KA_STALLED,  /* Queued on a busy process. */
	KA_PAGING,   /* Waits for an object. */
	KA_CREDIT,   /* Waits for a dirty credit. */
	KA_RESERVED, /* Available or waiting, with a reserved activity. */
	KA_MEMORY,   /* Waits for a frame or table entry. */
	KA_IDLE,     /* Has none: waits, or is available. */
};

struct kinfo_process {
	uint64_t oid;
	uint64_t notices;
	uint64_t ticks; /* CPU time consumed, ns. */
	uint32_t count;
	uint8_t  activity; /* enum kinfo_activity */
	uint8_t  state;    /* enum process_state, or 0xff: not in core. */
	uint8_t  fault;
	uint8_t  priority;
	char     name[16];
	uint64_t pc;
	uint32_t reserve; /* Id, or 0. */
	uint32_t unused;
};

/* A processor-capacity reserve; times in nanoseconds. */
struct kinfo_reserve {
	uint32_t id;
	uint32_t unused;
	uint64_t period, budget;
	uint64_t left, used; /* Of this budget; since it was made. */
	uint64_t exhausted;  /* Times that the budget was used up. */
};

/* What a capability in a slot of a node says of itself. */
enum kinfo_validity {
	KC_VALID,  /* Its object is in memory, and has this count. */
	KC_DEAD,   /* Its object is gone. */
	KC_ABSENT, /* Its object is not in memory: not known. */
};

struct kinfo_cap {
	uint8_t  slot;
	uint8_t  kind;     /* enum cap_kind */
	uint8_t  rights;   /* enum cap_rights; 0 for resume and restart. */
	uint8_t  validity; /* enum kinfo_validity */
	uint8_t  origin;   /* enum slot_origin, for a process. */
	uint8_t  unused;
	uint16_t data;
	uint64_t object; /* OID, or as below. */
	/*
	 * By kind, (object,) first, size:
	 * number (low 64 bits), high 32 bits, 0; range: first frame, frames;
	 * interrupt: GSI or vector, enum irq_kind; ports: first, how many;
	 * MMIO: address, bytes; DMA space: source id, pages mapped;
	 * node, guard: 0, the span's logarithm.
	 */
	uint64_t first, size;
	char     label[LABEL_BYTES]; /* Of a device, or a process's name. */
};

_Static_assert(sizeof(struct kinfo_cap) == 64, "64 to a page");

struct kinfo_node {
	uint32_t count;
	uint8_t  role;  /* enum node_role */
	uint8_t  flags; /* enum process_flags */
	uint16_t caps;  /* Slots that are not void. */
	uint64_t unused;
	char     name[16]; /* Of a process in memory. */
	struct kinfo_cap cap[];
};

struct kinfo_counters {
	uint64_t invocations, faults, interrupts, switches;
	uint64_t fetches, cleans, evictions, copies; /* Copies: first writes. */
	uint64_t snapshots, tables_made, tables_reclaimed, fast_calls;
	uint64_t bounces, tlb_flushes, cr3_writes, idle_entries;
};

enum irq_kind {
	IRQ_EDGE,
	IRQ_LEVEL,
	IRQ_MSI,
};

enum irq_state_bits {
	IRQ_ALLOCATED = 1 << 0,
	IRQ_MASKED    = 1 << 1,
	IRQ_STORM     = 1 << 2, /* Masked by the kernel, see `unhandled`. */
	IRQ_KERNEL    = 1 << 3, /* The kernel's own. */
};

struct irq_info {
	uint32_t line;   /* GSI, or vector for an MSI. */
	uint8_t  kind;   /* enum irq_kind */
	uint8_t  bits;   /* enum irq_state_bits */
	uint8_t  owners; /* Sharers of the line. */
	uint8_t  vector;
	uint64_t deliveries;
	uint64_t unhandled;
	char     label[LABEL_BYTES]; /* Of the owner; sharers joined by +. */
	uint32_t source_id;
	uint32_t unused;
};

struct port_info {
	uint16_t first, count;
	uint32_t mapped; /* Times it was opened in the I/O bitmap. */
	uint64_t accesses; /* By invocation. */
	char     label[LABEL_BYTES];
};

struct mmio_info {
	uint64_t address, bytes;
	uint32_t cache;    /* As mmio_space.alloc takes it. */
	uint32_t unused;
	char     label[LABEL_BYTES];
};

struct dma_info {
	uint32_t source_id;
	uint32_t pages;   /* Mapped by capability. */
	uint32_t exposed; /* Cache frames exposed now. */
	uint32_t limit;   /* Address bits. */
	uint64_t bounces; /* Frames copied because it cannot address them. */
	uint64_t flushes;
	char     label[LABEL_BYTES];
};

#endif
