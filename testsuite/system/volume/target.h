/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the blocks of a volume that are worth damaging. */
#ifndef TESTSUITE_SYSTEM_VOLUME_TARGET_H
#define TESTSUITE_SYSTEM_VOLUME_TARGET_H

#include <stdbool.h>
#include <stdint.h>

struct target {
	uint64_t newest; /* Generation. */
	uint64_t older;  /* What the other superblock has. */
	uint64_t super;  /* Block of the newest superblock. */
	uint64_t root;   /* Of the newest generation's object map. */
	uint64_t leaf;   /* The map block that leads to the shell. */
};

bool target_find(struct target *t, const char *path);

/* The block of a process's state page, by the process's name; 0: none. */
uint64_t target_process(const char *path, const char *name);

/*
 * The blocks of the last pages of the newest generation's map, which are those
 * bought last; returns how many.
 */
unsigned target_pages(const char *path, uint64_t *block, unsigned most);

/* Gives the volume another UUID, and leaves its superblocks alone. */
bool target_rename(const char *path);

#endif
