/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the models of virtio devices share: the structures in BAR 4 (common at
 * 0, ISR at 0x1000, the device's own at 0x2000, notify at 0x3000), features,
 * and split virtqueues (VIRTIO 1.1). A device's file supplies the rest.
 */
#ifndef TESTSUITE_HARNESS_MODEL_VIRTIO_H
#define TESTSUITE_HARNESS_MODEL_VIRTIO_H

#include "testsuite/harness/model/model.h"

enum {
	VM_QUEUES = 2,
	VM_CHAIN = 128, /* Descriptors of one request, at most. */
};

struct vm_queue {
	uint64_t desc, driver, device;
	uint16_t size, msix, enable;
	uint16_t taken, used;
};

struct vm_segment {
	uint64_t address;
	uint32_t bytes;
	bool     write; /* By the device. */
};

struct vm_device {
	uint64_t features;
	unsigned queues;
	uint16_t size; /* Of each queue, as offered. */
	unsigned state_bytes; /* Of the device's own, vm_state. */
	uint32_t (*config)(struct harness *h, uint64_t offset, unsigned bytes);
	void (*config_write)(
	    struct harness *h, uint64_t offset, uint32_t value);
	void (*power_on)(struct harness *h); /* May be NULL, as the next. */
	void (*reset)(struct harness *h);
	void (*notified)(struct harness *h, unsigned queue);
	void (*step)(struct harness *h);
};

extern const struct vm_device vm_device;

/* The device's own state. */
void    *vm_state(struct harness *h);
uint64_t vm_accepted(const struct harness *h);

/* Is the queue in use? */
bool vm_running(const struct harness *h, unsigned queue);

/* The head of the next available chain; false if there is none. */
bool vm_take_head(struct harness *h, unsigned queue, uint16_t *head);

/*
 * The chain that begins there, or that its only descriptor is a table of; false
 * if it is broken.
 */
bool vm_chain(struct harness *h, unsigned queue, uint16_t head,
    struct vm_segment *segment, unsigned *n);

/* Both: the next available chain. */
bool vm_take(struct harness *h, unsigned queue, uint16_t *head,
    struct vm_segment *segment, unsigned *n);

/* Is there one? */
bool vm_waiting(struct harness *h, unsigned queue);

/* Puts it into the used ring and interrupts. */
void vm_finish(
    struct harness *h, unsigned queue, uint16_t head, uint32_t bytes);

/* Moves bytes between a chain's segments of one direction and a buffer. */
uint32_t vm_copy(struct harness *h, const struct vm_segment *segment,
    unsigned n, void *buffer, uint32_t bytes, bool to_memory);

#endif
