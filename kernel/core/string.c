/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four functions that GCC may call. Long runs go by 8 bytes with REP: one
 * iteration is one instruction where instructions are counted, and on newer
 * CPUs REP of any width moves whole cache lines.
 *
 * -ffreestanding keeps GCC from turning the loops below into calls of the
 * functions they are in; the asm does it in any case. The names stand in
 * parentheses because core.h has macros of these names.
 */
#include "kernel/core/core.h"

enum { WORD = sizeof(uint64_t) };

/* Eight bytes at any alignment, of any type. */
struct word {
	uint64_t v;
} __attribute__((packed, may_alias));

void *(memcpy)(void *to, const void *from, size_t n)
{
	void       *t = to;
	const void *f = from;
	size_t      words = n / WORD;
	size_t      rest = n % WORD;

	__asm__ volatile("rep movsq"
			 : "+D"(t), "+S"(f), "+c"(words)
			 :
			 : "memory");
	if (rest != 0)
		__asm__ volatile("rep movsb"
				 : "+D"(t), "+S"(f), "+c"(rest)
				 :
				 : "memory");
	return to;
}

void *(memset)(void *to, int byte, size_t n)
{
	const uint64_t pattern = UINT64_C(0x0101010101010101) * (uint8_t)byte;
	void          *t = to;
	size_t         words = n / WORD;
	size_t         rest = n % WORD;

	__asm__ volatile("rep stosq"
			 : "+D"(t), "+c"(words)
			 : "a"(pattern)
			 : "memory");
	if (rest != 0)
		__asm__ volatile("rep stosb"
				 : "+D"(t), "+c"(rest)
				 : "a"(pattern)
				 : "memory");
	return to;
}

/* Backwards, when the end of the source would be overwritten first. */
static void
copy_down(uint8_t *t, const uint8_t *f, size_t n)
{
	void       *last_to = t + n - 1;
	const void *last_from = f + n - 1;

	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(last_to), "+S"(last_from), "+c"(n)
			 :
			 : "memory");
}

void *(memmove)(void *to, const void *from, size_t n)
{
	uint8_t       *t = to;
	const uint8_t *f = from;

	if (t > f && t < f + n)
		copy_down(t, f, n);
	else if (t != f)
		(void)memcpy(to, from, n);
	return to;
}

int(memcmp)(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a;
	const uint8_t *y = b;

	while (n >= WORD &&
	    ((const struct word *)(const void *)x)->v ==
		((const struct word *)(const void *)y)->v) {
		x += WORD;
		y += WORD;
		n -= WORD;
	}
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}
