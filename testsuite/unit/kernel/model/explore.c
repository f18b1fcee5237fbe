/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/model/explore.h"

#include <stdlib.h>

enum { TABLE = 1 << 20 };

static union state *table;
static uint8_t     *used;
static uint32_t    *stack;

static uint32_t
hash(const union state *s)
{
	uint64_t h = 0;

	for (unsigned i = 0; i < STATE_BYTES / 8; i++)
		h = (h ^ s->words[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ h >> 29;
	return (uint32_t)(h >> 40) % TABLE;
}

/* Its place; *fresh: it was not known. */
static uint32_t
find(const union state *s, bool *fresh)
{
	uint32_t i = hash(s);

	while (used[i] && memcmp(&table[i], s, sizeof(*s)) != 0)
		i = (i + 1) % TABLE;
	*fresh = !used[i];
	used[i] = 1;
	table[i] = *s;
	return i;
}

struct explored
explore(const struct machine *m, const union state *first)
{
	struct explored e = {.good = true};
	uint32_t        n = 0;
	bool            fresh;

	table = calloc(TABLE, sizeof(*table));
	used = calloc(TABLE, 1);
	stack = calloc(TABLE, sizeof(*stack));
	stack[n++] = find(first, &fresh);
	while (n > 0 && e.good && e.states < TABLE / 2) {
		const union state s = table[stack[--n]];
		bool              last = true;

		e.states++;
		for (unsigned i = 0; i < m->steps; i++) {
			union state to = s;
			uint32_t    at;

			if (!m->step(&s, i, &to))
				continue;
			last = false;
			at = find(&to, &fresh);
			if (fresh)
				stack[n++] = at;
		}
		e.last += last;
		e.good = m->good(&s, last);
	}
	CU_ASSERT(e.states < TABLE / 2); /* All of them were looked at. */
	free(table);
	free(used);
	free(stack);
	return e;
}
