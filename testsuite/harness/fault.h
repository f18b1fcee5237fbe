/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault is one kind of failure at the n-th event of its class. Loops try
 * n = 1, 2, 3 ... until the fault no longer fires.
 */
#ifndef TESTSUITE_HARNESS_FAULT_H
#define TESTSUITE_HARNESS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_class {
	FAULT_AT_READ, /* Each register read. */
	FAULT_AT_WRITE,
	FAULT_AT_ACCESS, /* Each of both. */
	FAULT_AT_DMA,    /* Each transfer between device and memory. */
	FAULT_AT_IRQ,
	FAULT_AT_COMMAND, /* Each request that the device carries out. */
	FAULT_AT_STEP,    /* Each time the device goes on by itself. */
	FAULT_AT_POINT,   /* Each call of the driver to what is below it. */
	FAULT_CLASSES,
};

enum fault_kind {
	FK_NOTHING,
	FK_READ_ONES, /* All ones, as if removed. */
	FK_READ_ZERO,
	FK_READ_FLIP,  /* One bit. */
	FK_READ_STUCK, /* The same bit of the same register, for ever. */
	FK_REMOVED,    /* Reads all ones, hears and does nothing. */
	FK_WRITE_LOST,
	FK_DEATH,           /* The driver dies before this. */
	FK_DMA_LOST,        /* Silently. */
	FK_DMA_TORN,        /* Only half of it. */
	FK_DMA_GARBAGE,     /* Inverted bits. */
	FK_DMA_FLIP,        /* One bit. */
	FK_DMA_MISDIRECTED, /* To or from the next page. */
	FK_IRQ_LOST,
	FK_IRQ_TWICE,
	FK_IRQ_SPURIOUS, /* And before anything is done. */
	FK_IRQ_STORM,
	FK_ERROR, /* The device reports an error. */
	FK_SHORT, /* Half of the data, then an error. */
	FK_HANG,  /* The request never ends, until a reset. */
	FK_RESET, /* The device resets itself, and tells nobody. */
	FK_KINDS,
};

struct fault {
	enum fault_kind kind;
	unsigned long   at;     /* Counted from 1; 0: never. */
	unsigned        bit;    /* For those of one bit. */
	bool            sticky; /* From there on, not only there. */
	unsigned long   seen[FAULT_CLASSES];
	unsigned long   fired;
	unsigned        width; /* Bits of the access where it fired first. */
	uint64_t        where; /* FK_READ_STUCK: the register. */
	bool            gone;  /* FK_REMOVED: it is. */
};

struct fault_info {
	const char *name;
	enum fault_class class;
	bool bits; /* Each bit is a fault of its own. */
	bool lies; /* Data may be wrong though the device reports success. */
};

extern const struct fault_info fault_info[FK_KINDS];
extern const char *const       fault_class_name[FAULT_CLASSES];

/* An event of this class: the fault that happens here, or FK_NOTHING. */
enum fault_kind fault_here(struct fault *f, enum fault_class class);

/* Says how many bits the access has where the fault has just fired. */
void fault_width(struct fault *f, unsigned bits);

#endif
