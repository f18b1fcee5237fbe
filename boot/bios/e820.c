/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/e820.h"

enum {
	LOW_MEMORY = 1 << 20,
};

static uint64_t
region_end(const struct handoff_region *r)
{
	/* A region that wraps ends with the address space. */
	return r->bytes > UINT64_MAX - r->first ? UINT64_MAX
						: r->first + r->bytes;
}

/* How little may be done with a kind: the higher wins. 0: no region. */
static unsigned
severity(uint32_t kind)
{
	switch (kind) {
	case REGION_RAM:
		return 1;
	case REGION_ACPI:
		return 2;
	case REGION_NVS:
		return 3;
	case REGION_BAD:
		return 5;
	default: /* Reserved, and what we have never heard of. */
		return 4;
	}
}

static uint32_t
kind_of(unsigned worst)
{
	static const uint32_t kind[] = {0, REGION_RAM, REGION_ACPI, REGION_NVS,
	    REGION_RESERVED, REGION_BAD};

	return kind[worst];
}

/* The severity of [first, next), in which no region begins or ends. */
static unsigned
worst_at(const struct handoff_region *in, unsigned n, uint64_t first)
{
	unsigned worst = 0;

	for (unsigned i = 0; i < n; i++) {
		if (in[i].first <= first && first < region_end(&in[i]) &&
		    severity(in[i].kind) > worst)
			worst = severity(in[i].kind);
	}
	return worst;
}

/* The lowest begin or end of a region above `at`; UINT64_MAX if none is. */
static uint64_t
next_edge(const struct handoff_region *in, unsigned n, uint64_t at)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < n; i++) {
		if (in[i].first > at && in[i].first < next)
			next = in[i].first;
		if (region_end(&in[i]) > at && region_end(&in[i]) < next)
			next = region_end(&in[i]);
	}
	return next;
}

/*
 * Walks from edge to edge. Quadratic, but a map has about ten entries, and
 * needs no copy to sort.
 */
unsigned
e820_merge(const struct handoff_region *in, unsigned n,
    struct handoff_region *out, bool *cut)
{
	unsigned count = 0;
	uint64_t at = 0;
	uint64_t next;
	unsigned worst;

	*cut = false;
	for (; at != UINT64_MAX; at = next) {
		next = next_edge(in, n, at);
		worst = worst_at(in, n, at);
		if (worst == 0)
			continue;
		if (count > 0 && out[count - 1].kind == kind_of(worst) &&
		    region_end(&out[count - 1]) == at) {
			out[count - 1].bytes += next - at;
			continue;
		}
		if (count == HANDOFF_REGIONS) {
			*cut = true;
			break;
		}
		out[count++] = (struct handoff_region){
		    .first = at,
		    .bytes = next - at,
		    .kind = kind_of(worst),
		};
	}
	return count;
}

bool
e820_is_ram(const struct handoff_region *map, unsigned n, uint64_t first,
    uint64_t bytes)
{
	for (unsigned i = 0; i < n; i++) {
		if (map[i].kind == REGION_RAM && first >= map[i].first &&
		    bytes <= map[i].bytes &&
		    first - map[i].first <= map[i].bytes - bytes)
			return true;
	}
	return false;
}

uint64_t
e820_ram(const struct handoff_region *map, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		if (map[i].kind == REGION_RAM)
			sum += map[i].bytes;
	}
	return sum;
}

/* The highest place in [low, high), or 0. */
static uint64_t
place_between(uint64_t low, uint64_t high, uint64_t bytes)
{
	const uint64_t page = PAGE_SIZE - 1;

	low = (low + page) & ~page;
	high = high & ~page;
	bytes = (bytes + page) & ~page;
	if (high < low || high - low < bytes)
		return 0;
	return high - bytes;
}

uint64_t
e820_place(const struct handoff_region *map, unsigned n, uint64_t bytes,
    uint64_t limit, uint64_t taken, uint64_t taken_bytes)
{
	uint64_t low, high, at;

	while (n-- > 0) {
		if (map[n].kind != REGION_RAM || map[n].first >= limit)
			continue;
		low = map[n].first < LOW_MEMORY ? LOW_MEMORY : map[n].first;
		high = region_end(&map[n]) < limit ? region_end(&map[n])
						   : limit;
		if (taken < high && taken + taken_bytes > low) {
			at = place_between(taken + taken_bytes, high, bytes);
			if (at != 0)
				return at;
			high = taken;
		}
		at = place_between(low, high, bytes);
		if (at != 0)
			return at;
	}
	return 0;
}
