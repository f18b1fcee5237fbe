/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/string.h"

/* By words: a REP instruction counts, and costs, once for each round. */
void *
memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void  *at = to;
	size_t words = bytes / 4;

	bytes %= 4;
	__asm__ volatile("rep movsl\n\tmovl %3, %2\n\trep movsb"
			 : "+&D"(at), "+&S"(from), "+&c"(words)
			 : "r"(bytes)
			 : "memory");
	return to;
}

void *
memset(void *to, int value, size_t bytes)
{
	void    *at = to;
	size_t   words = bytes / 4;
	unsigned word = (unsigned)(value & 0xff) * 0x01010101u;

	bytes %= 4;
	__asm__ volatile("rep stosl\n\tmovl %3, %1\n\trep stosb"
			 : "+&D"(at), "+&c"(words)
			 : "a"(word), "r"(bytes)
			 : "memory");
	return to;
}
