/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checksums of the volume.
 *
 * Structures (volume header, superblock, boot slot, boot range) carry a CRC32C
 * of themselves with the field zero. Map blocks and objects carry none: the
 * pointer to them does, so that a block found in the wrong place or at the
 * wrong time does not verify. A volume with a key will use a keyed hash in the
 * same fields (S14); the algorithm stands in the volume header.
 */
#ifndef PERSIST_FORMAT_CHECK_H
#define PERSIST_FORMAT_CHECK_H

#include "kernel/abi/types.h"

enum check_algorithm {
	CHECK_CRC32C,
	CHECK_KEYED, /* Reserved. */
};

/* Whether the CPU has the crc32 instruction: ask once, pass it on. */
bool crc_cpu(void);

/*
 * CRC32C (Castagnoli, reflected, initial and final inversion) of n bytes that
 * follow those which gave `crc`; start with 0.
 */
uint32_t crc32c(bool cpu, uint32_t crc, const void *data, size_t n);

/* The checksum of a structure whose own field, at `field`, counts as zero. */
uint32_t crc_struct(bool cpu, const void *data, size_t n, size_t field);

/* Of an object: its whole-frame OID, kind, count and 4 KiB of content (S14). */
uint64_t check_object(
    bool cpu, oid o, unsigned kind, uint32_t count, const void *content);

/* Of a map block: 48 bits. first: the first map key that it covers. */
uint64_t check_map(bool cpu, uint64_t first, unsigned level, const void *block);

#endif
