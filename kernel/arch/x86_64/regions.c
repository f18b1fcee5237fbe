/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/arch/x86_64/regions.h"

static uint64_t
end_of(const struct hal_memory *m)
{
	return m->first.v + (m->pages << PAGE_SHIFT);
}

/* Insert in order; what overlaps a region that is there is left out. */
static void
add(struct region_list *l, uint64_t first, uint64_t end)
{
	unsigned i = l->n;

	if (first >= end || l->n == REGIONS_MAX)
		return;
	while (i > 0 && l->at[i - 1].first.v > first)
		i--;
	if (i > 0 && end_of(&l->at[i - 1]) > first)
		first = end_of(&l->at[i - 1]);
	if (i < l->n && l->at[i].first.v < end)
		end = l->at[i].first.v;
	if (first >= end)
		return;
	for (unsigned k = l->n; k > i; k--)
		l->at[k] = l->at[k - 1];
	l->at[i] = (struct hal_memory){
	    .first = {first},
	    .pages = (end - first) >> PAGE_SHIFT,
	};
	l->n++;
}

/* The end of a firmware region; absurd lengths end at the last address. */
static uint64_t
region_end(const struct handoff_region *r)
{
	uint64_t end = r->first + r->bytes;

	return end < r->first ? UINT64_MAX : end;
}

void
regions_from_handoff(
    struct region_list *l, const struct handoff *h, uint64_t limit)
{
	const uint64_t mask = PAGE_SIZE - 1;
	unsigned       n = h->nregions;

	l->n = 0;
	if (n > HANDOFF_REGIONS)
		n = HANDOFF_REGIONS;
	for (unsigned i = 0; i < n; i++) {
		const struct handoff_region *r = &h->region[i];
		uint64_t                     first, end;

		if (r->kind != REGION_RAM || r->first >= limit)
			continue;
		end = region_end(r);
		end = (end < limit ? end : limit) & ~mask;
		first = (r->first + mask) & ~mask;
		add(l, first, end);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct handoff_region *r = &h->region[i];

		if (r->kind != REGION_RAM)
			regions_remove(l, r->first, region_end(r) - r->first);
	}
	regions_remove(l, 0, PAGE_SIZE);
}

/* Region i becomes what is left of it below and above [first, end). */
static void
cut(struct region_list *l, unsigned i, uint64_t first, uint64_t end)
{
	const uint64_t begin = l->at[i].first.v;
	const uint64_t stop = end_of(&l->at[i]);

	for (unsigned k = i + 1; k < l->n; k++)
		l->at[k - 1] = l->at[k];
	l->n--;
	if (begin < first)
		add(l, begin, first);
	if (end < stop)
		add(l, end, stop);
}

void
regions_remove(struct region_list *l, uint64_t first, uint64_t bytes)
{
	const uint64_t mask = PAGE_SIZE - 1;
	uint64_t       end = first + bytes;
	unsigned       i = 0;

	if (bytes == 0)
		return;
	end = end < first || end > UINT64_MAX - mask ? ~mask
						     : (end + mask) & ~mask;
	first &= ~mask;
	while (i < l->n) {
		const unsigned before = l->n;

		if (end_of(&l->at[i]) <= first || l->at[i].first.v >= end) {
			i++;
			continue;
		}
		cut(l, i, first, end);
		/* Two parts: both are done. None or one: look at i again. */
		if (l->n > before)
			return;
	}
}

bool
regions_take(struct region_list *l, uint64_t below, paddr *page)
{
	for (unsigned i = l->n; i-- > 0;) {
		struct hal_memory *m = &l->at[i];

		if (end_of(m) > below)
			continue;
		m->pages--;
		page->v = end_of(m);
		if (m->pages == 0) {
			for (unsigned k = i + 1; k < l->n; k++)
				l->at[k - 1] = l->at[k];
			l->n--;
		}
		return true;
	}
	return false;
}

bool
regions_ok(const struct region_list *l)
{
	uint64_t last = 0;

	if (l->n > REGIONS_MAX)
		return false;
	for (unsigned i = 0; i < l->n; i++) {
		const struct hal_memory *m = &l->at[i];

		if (m->pages == 0 || m->first.v % PAGE_SIZE != 0 ||
		    m->first.v < last)
			return false;
		last = end_of(m);
	}
	return true;
}
