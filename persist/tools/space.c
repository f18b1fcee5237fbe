/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces as node trees with spans 17, 22, 27 ...
 *
 * A scratch tree takes the pages; when it is finished, levels with nothing but
 * slot 0 are left out (a smaller segment in a larger slot means zero high
 * bits), so that what lies at the start of a large slot is cheap to reach.
 */
#include "persist/tools/build.h"

#include <stdlib.h>

enum {
	TOP_SPAN = USER_SPAN,
	LEAF_SPAN = PAGE_SHIFT + NODE_SHIFT,
};

struct scratch {
	struct scratch *below[NODE_SLOTS];
	struct cap      cap[NODE_SLOTS];
};

struct space {
	struct range   *range;
	const char     *owner;
	struct scratch *top;
};

struct space *
space_new(struct range *r, const char *owner)
{
	struct space *s = must_alloc(1, sizeof(*s));

	s->range = r;
	s->owner = owner;
	s->top = must_alloc(1, sizeof(*s->top));
	return s;
}

void
space_put_at(struct space *s, uint64_t address, struct cap c)
{
	unsigned        want = cap_span(&c), span = TOP_SPAN;
	struct scratch *n = s->top;
	unsigned        i;

	if (c.type != CK_PAGE && c.type != CK_NODE && c.type != CK_GUARD &&
	    c.type != CK_MMIO && c.type != CK_CACHE && c.type != CK_WINDOW)
		die("%s: what is mapped at %#lx is no segment", s->owner,
		    address);
	/* A segment takes a whole slot, the smallest that holds it. */
	while (span >= want + 2 * NODE_SHIFT) {
		i = (unsigned)(address >> (span - NODE_SHIFT)) &
		    (NODE_SLOTS - 1);
		if (n->cap[i].type != CK_VOID)
			die("%s: two segments at %#lx", s->owner, address);
		if (n->below[i] == NULL)
			n->below[i] = must_alloc(1, sizeof(*n));
		n = n->below[i];
		span -= NODE_SHIFT;
	}
	i = (unsigned)(address >> (span - NODE_SHIFT)) & (NODE_SLOTS - 1);
	if ((address & ((UINT64_C(1) << (span - NODE_SHIFT)) - 1)) != 0)
		die("%s: %#lx is not aligned to its segment", s->owner,
		    address);
	if (n->cap[i].type != CK_VOID || n->below[i] != NULL)
		die("%s: two segments at %#lx", s->owner, address);
	n->cap[i] = c;
}

void
space_put(struct space *s, uint64_t address, struct cap c)
{
	if (address == 0)
		die("%s: page 0 is never mapped", s->owner);
	space_put_at(s, address, c);
}

static struct cap
scratch_finish(struct space *s, struct scratch *n, unsigned span)
{
	unsigned   used = 0, last = 0;
	struct cap c;
	oid        node;

	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		if (n->below[i] != NULL)
			n->cap[i] = scratch_finish(
			    s, n->below[i], span - NODE_SHIFT);
		if (n->cap[i].type == CK_VOID)
			continue;
		used++;
		last = i;
	}
	c = n->cap[0];
	if (used <= 1 && last == 0) {
		free(n);
		return c;
	}
	node = range_node(s->range, ROLE_DATA);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		*range_slot(s->range, node, i) = n->cap[i];
	free(n);
	return cap_make(CK_NODE, 0, span - 1, FIRST_COUNT, node);
}

struct cap
space_finish(struct space *s)
{
	struct cap c = scratch_finish(s, s->top, TOP_SPAN);

	free(s);
	return c;
}
