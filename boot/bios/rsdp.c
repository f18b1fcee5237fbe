/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/rsdp.h"

enum {
	RSDP_STEP = 16,
	RSDP_V1_BYTES = 20,
	RSDP_REVISION = 15, /* Offset; from 2 on the long form. */
	RSDP_LENGTH = 20,   /* Offset of the long form's length. */
	RSDP_V2_BYTES = 36,
};

static bool
sums_to_zero(const uint8_t *p, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

static bool
rsdp_ok(const uint8_t *p, size_t room)
{
	static const char signature[8] = {
	    'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '};
	uint32_t length;

	if (room < RSDP_V1_BYTES)
		return false;
	for (size_t i = 0; i < sizeof(signature); i++) {
		if (p[i] != (uint8_t)signature[i])
			return false;
	}
	if (!sums_to_zero(p, RSDP_V1_BYTES))
		return false;
	if (p[RSDP_REVISION] < 2)
		return true;
	if (room < RSDP_V2_BYTES)
		return false;
	__builtin_memcpy(&length, p + RSDP_LENGTH, sizeof(length));
	return length >= RSDP_V2_BYTES && length <= room &&
	    sums_to_zero(p, length);
}

ptrdiff_t
rsdp_find(const uint8_t *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += RSDP_STEP) {
		if (rsdp_ok(memory + at, bytes - at))
			return (ptrdiff_t)at;
	}
	return -1;
}
