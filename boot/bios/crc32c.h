/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CRC32C (Castagnoli), as in RFC 3720, appendix B.4: reflected polynomial
 * 0x82f63b78, start and final inversion. Of "123456789": 0xe3069283.
 *
 * persist/format has one too, for 64-bit code; this one runs in 32-bit mode,
 * and without the instruction it is quick enough for megabytes.
 */
#ifndef BOOT_BIOS_CRC32C_H
#define BOOT_BIOS_CRC32C_H

#include "kernel/abi/types.h"

/* Continues from `crc`, the sum of what came before; 0 at the start. */
uint32_t boot_crc(uint32_t crc, const void *data, size_t bytes);

/* The two ways to do it. The second needs a CPU with SSE4.2. */
uint32_t boot_crc_table(uint32_t crc, const void *data, size_t bytes);
uint32_t boot_crc_instruction(uint32_t crc, const void *data, size_t bytes);

/* The sum over data, its four bytes from offset `field` taken as zero. */
uint32_t boot_crc_without(const void *data, size_t bytes, size_t field);

#endif
