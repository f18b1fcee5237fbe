/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes by key: open addressing over a dense array, heap sort on demand. */
#include "persist/store/delta.h"

#include <string.h>

static uint32_t
index_size(uint32_t limit)
{
	uint32_t n = 16;

	while (n < 2 * limit)
		n *= 2;
	return n;
}

size_t
delta_bytes(uint32_t limit)
{
	return limit * (sizeof(struct delta_entry) + sizeof(uint32_t)) +
	    index_size(limit) * sizeof(uint32_t) + 64;
}

void
delta_init(struct delta *d, uint32_t limit, void *memory)
{
	*d = (struct delta){.limit = limit};
	d->entry = memory;
	d->order = (uint32_t *)(void *)(d->entry + limit);
	d->index = d->order + limit;
	d->mask = index_size(limit) - 1;
	memset(d->index, 0, (d->mask + 1) * sizeof(d->index[0]));
}

static uint32_t
hash(uint64_t key)
{
	return (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Entry by entry when few are in use: most epochs are small. */
void
delta_reset(struct delta *d, uint64_t epoch)
{
	uint32_t h;

	if (d->n > d->mask / 8) {
		memset(d->index, 0, (d->mask + 1) * sizeof(d->index[0]));
	} else {
		for (uint32_t i = 0; i < d->n; i++) {
			h = hash(d->entry[i].key);
			while (d->index[h & d->mask] != 0)
				d->index[h++ & d->mask] = 0;
		}
	}
	d->n = 0;
	d->charged = 0;
	d->epoch = epoch;
}

struct delta_entry *
delta_find(const struct delta *d, uint64_t key)
{
	uint32_t h = hash(key), i;

	while ((i = d->index[h & d->mask]) != 0) {
		if (d->entry[i - 1].key == key)
			return &d->entry[i - 1];
		h++;
	}
	return NULL;
}

struct delta_entry *
delta_get(struct delta *d, uint64_t key, bool *made)
{
	uint32_t            h = hash(key), i;
	struct delta_entry *e;

	while ((i = d->index[h & d->mask]) != 0) {
		if (d->entry[i - 1].key == key) {
			*made = false;
			return &d->entry[i - 1];
		}
		h++;
	}
	if (d->n == d->limit)
		return NULL;
	e = &d->entry[d->n++];
	*e = (struct delta_entry){.key = key};
	d->index[h & d->mask] = d->n;
	*made = true;
	return e;
}

static void
sift(struct delta *d, uint32_t at, uint32_t n)
{
	uint32_t *o = d->order, child, t;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n &&
		    d->entry[o[child + 1]].key > d->entry[o[child]].key)
			child++;
		if (d->entry[o[at]].key >= d->entry[o[child]].key)
			return;
		t = o[at];
		o[at] = o[child];
		o[child] = t;
		at = child;
	}
}

void
delta_sort(struct delta *d)
{
	uint32_t t;

	for (uint32_t i = 0; i < d->n; i++)
		d->order[i] = i;
	for (uint32_t i = d->n / 2; i-- > 0;)
		sift(d, i, d->n);
	for (uint32_t n = d->n; n-- > 1;) {
		t = d->order[0];
		d->order[0] = d->order[n];
		d->order[n] = t;
		sift(d, 0, n);
	}
}

bool
delta_ok(const struct delta *d)
{
	uint32_t charged = 0;

	if (d->n > d->limit)
		return false;
	for (uint32_t i = 0; i < d->n; i++) {
		if (delta_find(d, d->entry[i].key) != &d->entry[i])
			return false;
		charged += (d->entry[i].flags & DELTA_RECORD) == 0;
	}
	return charged == d->charged;
}
