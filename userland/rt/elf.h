/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at an ELF image before anything in it is believed. Images may come
 * from a driver package or a file: hostile input.
 *
 * Accepted is what domain.ld makes: a 64-bit little-endian executable for
 * x86-64, whose loadable segments ascend, do not overlap, share no page, stay
 * within the image and between ELF_LOWEST and ELF_HIGHEST, and are not both
 * writable and executable.
 */
#ifndef USERLAND_RT_ELF_H
#define USERLAND_RT_ELF_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	ELF_SEGMENTS = 8,
};

#define ELF_LOWEST  UINT64_C(0x200000)
#define ELF_HIGHEST UINT64_C(0x8000000) /* One slot of the root node. */

struct elf_segment {
	uint64_t    address; /* Page-aligned. */
	const void *data;
	uint64_t    file_bytes;
	uint64_t    memory_bytes; /* The rest is zero. */
	bool        writable, executable;
};

struct elf_image {
	uint64_t           entry;   /* Within an executable segment. */
	uint64_t           fs_base; /* Start of the writable segment, or 0. */
	unsigned           count;
	struct elf_segment segment[ELF_SEGMENTS];
};

/* RC_CORRUPT unless the image is as described above; then *out is set. */
enum status elf_read(
    const void *image, size_t bytes, struct elf_image *out) must_check;

#endif
