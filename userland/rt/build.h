/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a process out of an ELF image in memory.
 *
 * The space covers 2^32 bytes: a root node whose 32 slots cover 128 MiB each.
 * The image lies in slot 0, the stack at the start of slot 31; slots 1-30
 * are the builder's or the domain's to fill (space_map in userland/rt/space.h).
 * Code is read-only, all else is not executable.
 *
 * All is bought from one bank. After a failure the builder destroys that bank;
 * nothing else needs undoing.
 */
#ifndef USERLAND_RT_BUILD_H
#define USERLAND_RT_BUILD_H

#include "userland/rt/elf.h"
#include "userland/rt/invoke.h"

enum {
	BUILD_SPAN = 32,  /* log2 of the bytes of a space. */
	BUILD_LEVELS = 3, /* Nodes below the root: 27, 22, 17. */
	BUILD_SCRATCH = BUILD_LEVELS + 1,
	BUILD_STACK_PAGES = 4, /* Where the plan says 0. */
	BUILD_STACK_MOST = 32,
};

#define BUILD_STACK UINT64_C(0xf8000000) /* Its lowest byte. */

struct build_plan {
	const void *image;
	size_t      image_bytes;
	const char *name; /* For ps; 1 to 15 bytes. */
	capreg      bank; /* Sells all that is needed. */
	capreg      schedule;
	capreg      keeper;      /* Or REG_VOID. */
	unsigned    stack_pages; /* 0: BUILD_STACK_PAGES. */
	uint64_t    argument;    /* Of main, in rdi. */
	/*
	 * Instead of an image: its part of the space, made by build_segment.
	 * It may stand in a scratch register.
	 */
	capreg      segment; /* REG_VOID: there is an image. */
	uint64_t    entry, fs_base;
	/* Registers to work in; their content is lost. */
	capreg      scratch[BUILD_SCRATCH];
};

/*
 * Build; on RC_OK `process` holds the process, not yet started, and `space`
 * the root node of its address space, writable. The caller installs its
 * capabilities (Process.swap) and starts it (Process.start).
 * RC_CORRUPT: the image is refused. Others: the bank's, or the kernel's.
 */
enum status build_process(
    const struct build_plan *plan, capreg process, capreg space) must_check;

/*
 * Only the image's part of a space: `segment` covers slot 0 of a root. Takes
 * bank, image and scratch from the plan. One process can be built around it.
 */
enum status build_segment(const struct build_plan *plan, capreg segment,
    uint64_t *entry, uint64_t *fs_base) must_check;

#endif
