/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel objects: what the capabilities of devices name.
 *
 * Each is an interrupt, a range of ports, a window of device memory or a DMA
 * space, with a label and exactly one owner: whoever it was allocated for.
 * Its OID is {physical source, index in the table}; the generation is the
 * count of its capabilities, so that releasing it kills them all at once.
 *
 * Invariants (device_ok):
 *  1. An object in use has the kind of its capabilities; a free one CK_VOID.
 *  2. Generations only rise. One that cannot rise is never used again (M4).
 *  3. Ranges of ports are in a list by their first port, windows by address;
 *     none overlaps another but a part its whole, and the configuration ports
 *     the reset port.
 */
#ifndef KERNEL_DEVICE_DEVICE_H
#define KERNEL_DEVICE_DEVICE_H

#include "kernel/abi/cap.h"
#include "kernel/abi/kinfo.h"
#include "kernel/device/pool.h"
#include "kernel/object/notice.h"

enum { DEVICE_NONE = POOL_NONE };

struct irq_owner {
	struct notice_binding bound;
	uint64_t              deliveries, unhandled;
	uint8_t               vector;
	bool                  masked;  /* By its owner. */
	bool                  pending; /* Has not acknowledged the last one. */
};

struct port_range {
	uint32_t first, count;
	uint64_t accesses; /* By invocation. */
	uint32_t opened;   /* Times the I/O bitmap was opened for it. */
};

struct mmio_window {
	uint64_t address, bytes;
	uint32_t cache;      /* enum cache_mode */
	uint32_t whole;      /* What this is a part of, or DEVICE_NONE. */
	uint32_t parts;      /* First and last of the parts of a root, */
	uint32_t parts_last; /* oldest first, chained by `next`, and */
	uint32_t nparts;     /* how many. */
};

struct dma_space {
	uint32_t source_id, limit;
	uint32_t pages;   /* Mapped by capability. */
	uint32_t exposed; /* Cache frames exposed now. */
	uint64_t bounces, flushes;
	uint32_t first; /* Of its entries, see dma.c. */
};

struct device {
	uint32_t next; /* In the list of its kind; pool. */
	uint32_t generation;
	uint8_t  kind;   /* enum cap_kind */
	bool     kernel; /* The kernel's own; no capability names it. */
	uint8_t  unused[2];
	char     label[LABEL_BYTES];
	union {
		struct irq_owner   irq;
		struct port_range  ports;
		struct mmio_window mmio;
		struct dma_space   dma;
	};
};

struct handoff;

/* Once, after mem_init: enters what the kernel keeps to itself (D12). */
void device_init(const struct handoff *h);

/* See to it that device_take succeeds; as pool_reserve. */
must_check enum status device_reserve(void);

/* A new object of this kind, all of it zero but label and generation. */
struct device *device_take(
    enum cap_kind kind, const void *label, size_t bytes, uint32_t *index);

/* Free it: its capabilities are dead when this returns. */
void device_give(uint32_t index);

/* The object of an index that is in use. */
struct device *device_at(uint32_t index);

/* The object that a capability names, or NULL if that is dead. */
struct device *device_find(const struct cap *c, uint32_t *index);

/* The object of an invoked capability, which was seen to be alive. */
struct ref;
uint32_t device_self(const struct ref *self);

/* A capability to an object. */
struct cap device_cap(uint32_t index, unsigned rights, unsigned data);

/* A label as the kernel keeps it: printable, cut, with its final 0. */
void device_label(char to[LABEL_BYTES], const void *text, size_t bytes);

bool device_ok(void);

#endif
