/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/power/points.h"

#include <stdlib.h>

static int
ascending(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Marks both sides of entry i: before it was issued, and after. */
static void
both_sides(bool *side, size_t i)
{
	side[i] = side[i + 1] = true;
}

static size_t
mark_sides(bool *side, const struct judge *j, const struct log *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->entries; i++)
		if ((l->entry[i].flags & LOG_FLUSH) != 0)
			both_sides(side, i);
	for (size_t i = 0; i < j->supers; i++)
		if (j->super[i].entry > 0)
			both_sides(side, j->super[i].entry - 1);
	for (size_t i = 0; i <= l->entries; i++)
		n += side[i];
	return n;
}

size_t
points_choose(size_t point[POINTS], const struct judge *j, struct rebuild *r)
{
	const struct log *l = r->log;
	bool             *side = calloc(l->entries + 2, sizeof(*side));
	size_t            n = 0, seen = 0, sides, most = POINTS * 3 / 4;

	if (side == NULL)
		abort();
	sides = mark_sides(side, j, l);
	for (size_t i = 0; i <= l->entries; i++) {
		if (!side[i])
			continue;
		/* Every one, or evenly many of them. */
		if (sides <= most ||
		    seen * most / sides != (seen + 1) * most / sides)
			point[n++] = i;
		seen++;
	}
	while (n < POINTS && sides < l->entries) {
		size_t i = rebuild_random(r, l->entries + 1);

		if (n < POINTS)
			point[n++] = i;
	}
	free(side);
	qsort(point, n, sizeof(point[0]), ascending);
	return n;
}
