/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC32C by the CPU's instruction where there is one, else by nibbles. */
#include "persist/format/check.h"
#include "persist/format/layout.h"

/*
 * Polynomial 0x82f63b78, one entry for each value of four bits. 64 bytes
 * instead of 8 KiB: the CPUs that need it are those nobody measures.
 */
static const uint32_t crc_nibble[16] = {
    0x00000000,
    0x105ec76f,
    0x20bd8ede,
    0x30e349b1,
    0x417b1dbc,
    0x5125dad3,
    0x61c69362,
    0x7198540d,
    0x82f63b78,
    0x92a8fc17,
    0xa24bb5a6,
    0xb21572c9,
    0xc38d26c4,
    0xd3d3e1ab,
    0xe330a81a,
    0xf36e6f75,
};

bool
crc_cpu(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (c >> 20 & 1) != 0; /* SSE4.2 (Intel SDM 2A, CPUID). */
}

static uint32_t
crc_by_table(uint32_t crc, const uint8_t *p, size_t n)
{
	while (n-- > 0) {
		crc ^= *p++;
		crc = crc >> 4 ^ crc_nibble[crc & 15];
		crc = crc >> 4 ^ crc_nibble[crc & 15];
	}
	return crc;
}

/* Eight bytes wherever they stand and whatever they are. */
struct any_word {
	uint64_t v;
} __attribute__((packed, may_alias));

static inline uint64_t
crc_word(uint64_t c, const uint8_t *p)
{
	const struct any_word *w = (const void *)p;

	__asm__("crc32q %1, %0" : "+r"(c) : "m"(*w));
	return c;
}

static uint32_t
crc_by_cpu(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t c = crc;

	/* Instructions are what page-in is measured by: few for the loop. */
	for (; n >= 64; n -= 64, p += 64) {
		c = crc_word(c, p);
		c = crc_word(c, p + 8);
		c = crc_word(c, p + 16);
		c = crc_word(c, p + 24);
		c = crc_word(c, p + 32);
		c = crc_word(c, p + 40);
		c = crc_word(c, p + 48);
		c = crc_word(c, p + 56);
	}
	for (; n >= 8; n -= 8, p += 8)
		c = crc_word(c, p);
	for (; n > 0; n--, p++)
		__asm__("crc32b %1, %0" : "+r"(c) : "rm"(*p));
	return (uint32_t)c;
}

uint32_t
crc32c(bool cpu, uint32_t crc, const void *data, size_t n)
{
	crc = ~crc;
	crc = cpu ? crc_by_cpu(crc, data, n) : crc_by_table(crc, data, n);
	return ~crc;
}

uint32_t
crc_struct(bool cpu, const void *data, size_t n, size_t field)
{
	static const uint32_t zero;
	const uint8_t        *p = data;
	uint32_t              crc;

	crc = crc32c(cpu, 0, p, field);
	crc = crc32c(cpu, crc, &zero, sizeof(zero));
	return crc32c(
	    cpu, crc, p + field + sizeof(zero), n - field - sizeof(zero));
}

uint64_t
check_object(
    bool cpu, oid o, unsigned kind, uint32_t count, const void *content)
{
	const uint64_t head[2] = {o.v, (uint64_t)kind << 32 | count};

	return crc32c(
	    cpu, crc32c(cpu, 0, head, sizeof(head)), content, BLOCK_SIZE);
}

uint64_t
check_map(bool cpu, uint64_t first, unsigned level, const void *block)
{
	const uint64_t head[2] = {first, level};

	return crc32c(
	    cpu, crc32c(cpu, 0, head, sizeof(head)), block, BLOCK_SIZE);
}
