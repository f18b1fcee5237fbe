/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/crc32c.h"

#include <cpuid.h>

enum {
	CPUID_FEATURES = 1,
	ECX_SSE42 = 1 << 20,
};

#define POLYNOMIAL UINT32_C(0x82f63b78)

/* table[k][b]: what byte b does to the sum k bytes later. */
static uint32_t table[4][256];

static void
table_fill(void)
{
	uint32_t c;

	for (uint32_t b = 0; b < 256; b++) {
		c = b;
		for (int i = 0; i < 8; i++)
			c = (c >> 1) ^ (c & 1 ? POLYNOMIAL : 0);
		table[0][b] = c;
	}
	for (uint32_t b = 0; b < 256; b++) {
		for (int k = 1; k < 4; k++) {
			c = table[k - 1][b];
			table[k][b] = (c >> 8) ^ table[0][c & 0xff];
		}
	}
}

static uint32_t
word_at(const uint8_t *p)
{
	uint32_t w;

	__builtin_memcpy(&w, p, sizeof(w));
	return w;
}

uint32_t
boot_crc_table(uint32_t crc, const void *data, size_t bytes)
{
	const uint8_t *p = data;
	uint32_t       c = ~crc;

	if (table[0][1] == 0)
		table_fill();
	for (; bytes >= 4; bytes -= 4, p += 4) {
		c ^= word_at(p);
		c = table[3][c & 0xff] ^ table[2][c >> 8 & 0xff] ^
		    table[1][c >> 16 & 0xff] ^ table[0][c >> 24];
	}
	for (; bytes > 0; bytes--, p++)
		c = (c >> 8) ^ table[0][(c ^ *p) & 0xff];
	return ~c;
}

static uint32_t
step(uint32_t c, const uint8_t *p)
{
	__asm__("crc32l %1, %0" : "+r"(c) : "rm"(word_at(p)));
	return c;
}

uint32_t
boot_crc_instruction(uint32_t crc, const void *data, size_t bytes)
{
	const uint8_t *p = data;
	uint32_t       c = ~crc;

	/* Eight at a time: one instruction for each word and few others. */
	for (; bytes >= 32; bytes -= 32, p += 32) {
		c = step(c, p);
		c = step(c, p + 4);
		c = step(c, p + 8);
		c = step(c, p + 12);
		c = step(c, p + 16);
		c = step(c, p + 20);
		c = step(c, p + 24);
		c = step(c, p + 28);
	}
	for (; bytes > 0; bytes--, p++)
		__asm__("crc32b %1, %0" : "+r"(c) : "rm"(*p));
	return ~c;
}

uint32_t
boot_crc(uint32_t crc, const void *data, size_t bytes)
{
	uint32_t a, b, c, d;

	if (__get_cpuid(CPUID_FEATURES, &a, &b, &c, &d) && (c & ECX_SSE42))
		return boot_crc_instruction(crc, data, bytes);
	return boot_crc_table(crc, data, bytes);
}

uint32_t
boot_crc_without(const void *data, size_t bytes, size_t field)
{
	static const uint8_t zero[4];
	const uint8_t       *p = data;
	uint32_t             crc;

	crc = boot_crc(0, p, field);
	crc = boot_crc(crc, zero, sizeof(zero));
	return boot_crc(crc, p + field + 4, bytes - field - 4);
}
