/* SPDX-License-Identifier: BSD-2-Clause */
/* The checker: what each block is used for, and what is wrong with it. */
#ifndef PERSIST_TOOLS_AUDIT_H
#define PERSIST_TOOLS_AUDIT_H

#include "persist/tools/reader.h"

/* All that is known of a block of the data area. */
struct use {
	uint64_t key; /* Map key, or first key of a map block. */
	uint64_t birth;
	uint16_t by;    /* Generations, bit i for generation[i]. */
	uint8_t  level; /* 0: content. */
	uint8_t  list;  /* Dead list it is on: index + 1. */
	bool     bad;   /* Does not verify: reported once. */
};

struct audit {
	const struct reader *r;
	struct use          *use;
	unsigned             problems;
	unsigned             remarks;
	uint64_t             frames;  /* Objects of the generation walked. */
	uint64_t             blocks;  /* It uses. */
	uint64_t             objects; /* Verified, all generations. */
	unsigned             at;      /* Generation being walked. */
	bool                 quiet;
};

/* One line: what, where, what to do. */
void problem(struct audit *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One line on what is as its owner left it, and sound. */
void remark(struct audit *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* audit.c: trees, dead lists, bitmap, counts. */
void audit_space(struct audit *a);
/* protection.c: node frames, processes, the running list. */
void audit_objects(struct audit *a, const struct generation *g);

#endif
