/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device model supplies, and what it may use. Models know the data
 * sheet and nothing of the driver; a violation of the data sheet by the driver
 * is reported by model_complain, which fails the test.
 */
#ifndef TESTSUITE_HARNESS_MODEL_MODEL_H
#define TESTSUITE_HARNESS_MODEL_MODEL_H

#include "testsuite/harness/harness.h"

struct model_ops {
	size_t bytes; /* Of its state, zero at power-on. */
	void (*power_on)(struct harness *h);
	void (*describe)(struct harness *h, struct control_given *g);
	uint32_t (*read)(struct harness *h, enum region_kind kind,
	    unsigned resource, uint64_t offset, unsigned bytes);
	void (*write)(struct harness *h, enum region_kind kind,
	    unsigned resource, uint64_t offset, unsigned bytes, uint32_t value);
	void (*step)(struct harness *h); /* At h->step_at. */
};

extern const struct model_ops model;

/* Have step called in that much time, if it is not to be called earlier. */
void model_later(struct harness *h, uint64_t time);

/*
 * Transfer between the device and memory; false if the fake IOMMU, or the
 * bus-master bit, stopped any of it: a device does not notice that.
 */
bool model_dma(struct harness *h, uint64_t bus, void *buffer, size_t bytes,
    bool to_memory);

/* An edge (MSI), or the state of a level line. */
void model_interrupt(struct harness *h, unsigned irq);
void model_line(struct harness *h, unsigned irq, bool high);

/* The fault for a request that is about to be carried out. */
enum fault_kind model_command(struct harness *h);

void model_complain(struct harness *h, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
