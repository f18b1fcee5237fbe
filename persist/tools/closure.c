/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S7: calls inside the paging closure form a declared acyclic graph. Each
 * resident domain says in `calls` whom it may call; it is given start
 * capabilities to no other resident domain.
 */
#include "persist/tools/build.h"

#include <libfdt.h>
#include <string.h>

static bool
declared(struct build *b, const struct object *from, const struct object *to)
{
	int            n = 0;
	const fdt32_t *p = fdt_getprop(b->fdt, from->offset, "calls", &n);

	for (int i = 0; p != NULL && i < n / 4; i++)
		if (fdt32_to_cpu(p[i]) == to->phandle && to->phandle != 0)
			return true;
	return false;
}

static const struct object *
domain_of(const struct build *b, oid node)
{
	for (unsigned i = 0; i < b->nobjects; i++)
		if (b->object[i].type == OBJ_DOMAIN &&
		    oid_equal(b->object[i].node, node))
			return &b->object[i];
	return NULL;
}

static void
caps_check(struct build *b, const struct object *o)
{
	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		const struct cap    *c = range_slot(o->range, o->node, i);
		const struct object *t;

		if (c->type != CK_START)
			continue;
		t = domain_of(b, cap_oid(c));
		if (t != NULL && (t->flags & PF_RESIDENT) != 0 &&
		    !declared(b, o, t))
			die("%s: holds a start capability to %s, which its "
			    "`calls` does not name (S7)",
			    o->name, t->name);
	}
}

/* Take away, again and again, domains that call none that is left. */
static void
cycle_check(struct build *b)
{
	bool     gone[OBJECTS_MAX] = {false};
	unsigned last;
	bool     again = true;

	while (again) {
		again = false;
		last = OBJECTS_MAX;
		for (unsigned i = 0; i < b->nobjects; i++) {
			bool calls = false;

			if (gone[i] || (b->object[i].flags & PF_RESIDENT) == 0)
				continue;
			for (unsigned j = 0; j < b->nobjects; j++)
				calls |= !gone[j] &&
				    (b->object[j].flags & PF_RESIDENT) != 0 &&
				    declared(b, &b->object[i], &b->object[j]);
			if (!calls)
				gone[i] = again = true;
			else
				last = i;
		}
	}
	if (last != OBJECTS_MAX)
		die("%s: calls inside the paging closure form a circle (S7)",
		    b->object[last].name);
}

void
closure_check(struct build *b)
{
	for (unsigned i = 0; i < b->nobjects; i++)
		if ((b->object[i].flags & PF_RESIDENT) != 0)
			caps_check(b, &b->object[i]);
	cycle_check(b);
}
