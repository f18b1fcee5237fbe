/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source is held against the grammar, and against the rules that its tables
 * cannot say: overlap, reuse, width.
 */
#include "devdb/tools/check.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "devdb/schema/grammar.h"

static void
check_properties(struct source *s, int node, const struct grammar_kind *k)
{
	int at;

	fdt_for_each_property_offset(at, s->fdt, node)
	{
		const struct grammar_property *p;
		const char                    *name;
		int                            bytes;
		const void                    *data = fdt_getprop_by_offset(
				       s->fdt, at, &name, &bytes);

		p = grammar_find(k, name);
		if (p == NULL)
			source_error(
			    s, node, name, "unknown property %s", name);
		else if (!grammar_fits(p, data, bytes))
			source_error(
			    s, node, name, "%s has the wrong form", name);
	}
	for (const struct grammar_property *p = k->property; p->name != NULL;
	     p++)
		if (p->must && !source_has(s, node, p->name))
			source_error(s, node, NULL, "%s lacks %s",
			    source_name(s, node), p->name);
}

/* The depth is that of the tables: at most GRAMMAR_DEPTH. */
static void
check_node(struct source *s, int node, const struct grammar_kind *k)
{
	int child;

	if (k->property != NULL)
		check_properties(s, node, k);
	fdt_for_each_subnode(child, s->fdt, node)
	{
		const struct grammar_kind *ck = grammar_child(
		    k, source_name(s, child));

		if (ck == NULL)
			source_error(s, child, NULL, "unknown node %s",
			    source_name(s, child));
		else
			check_node(s, child, ck);
	}
}

struct bits
field_bits(const struct source *s, int node)
{
	return (struct bits){source_cell(s, node, "bits", 0, 0),
	    source_cell(s, node, "bits", 1, 0)};
}

bool
register_may(const struct source *s, int node, char how)
{
	return strchr(source_string(s, node, "access", ""), how) != NULL;
}

static void
check_values(struct source *s, int node, unsigned bits)
{
	int values = source_child(s, node, "values"), at;

	if (values < 0)
		return;
	fdt_for_each_property_offset(at, s->fdt, values)
	{
		const char *name;
		int         bytes;

		(void)fdt_getprop_by_offset(s->fdt, at, &name, &bytes);
		if (bytes != 4)
			source_error(
			    s, values, name, "%s is not one number", name);
		else if (bits < 32 &&
		    source_cell(s, values, name, 0, 0) >> bits != 0)
			source_error(s, values, name,
			    "%s does not fit in %u bits", name, bits);
	}
}

static void
check_fields(struct source *s, int node, unsigned width)
{
	uint64_t used = 0;
	int      f;

	fdt_for_each_subnode(f, s->fdt, node)
	{
		struct bits b = field_bits(s, f);
		uint64_t    mask;

		if (strcmp(source_name(s, f), "values") == 0)
			continue;
		if (b.high < b.low || b.high >= width) {
			source_error(s, f, "bits", "%s does not fit in %u bits",
			    source_name(s, f), width);
			continue;
		}
		mask = (UINT64_MAX >> (63 - b.high)) &
		    ~((UINT64_C(1) << b.low) - 1);
		if ((used & mask) != 0)
			source_error(s, f, "bits", "%s overlaps another field",
			    source_name(s, f));
		used |= mask;
		check_values(s, f, b.high - b.low + 1);
	}
}

/*
 * The addresses a register takes: as many as it has bytes, but one for a port
 * that is wider than the space between it and the next, as IDE's data port.
 */
static uint32_t
extent(const struct source *s, int node)
{
	if (source_has(s, node, "one-address"))
		return 1;
	return source_cell(s, node, "width", 0, 0) / 8 *
	    source_cell(s, node, "count", 0, 1);
}

/* Registers that are there `when` different bits are set may share. */
static bool
same_bank(const struct source *s, int a, int b)
{
	return strcmp(source_string(s, a, "when", ""),
		   source_string(s, b, "when", "")) == 0;
}

static void
check_register(struct source *s, int region_node, int node)
{
	uint32_t    offset = source_cell(s, node, "offset", 0, 0);
	uint32_t    width = source_cell(s, node, "width", 0, 0);
	const char *access = source_string(s, node, "access", "");
	uint32_t    bytes = extent(s, node);
	int         other;

	if (width != 8 && width != 16 && width != 32 && width != 64)
		source_error(s, node, "width", "width is 8, 16, 32 or 64");
	if (strcmp(access, "r") != 0 && strcmp(access, "w") != 0 &&
	    strcmp(access, "rw") != 0)
		source_error(s, node, "access", "access is r, w or rw");
	if (offset + bytes > source_cell(s, region_node, "bytes", 0, 0))
		source_error(s, node, "offset", "beyond the region's %u bytes",
		    source_cell(s, region_node, "bytes", 0, 0));
	fdt_for_each_subnode(other, s->fdt, region_node)
	{
		uint32_t at = source_cell(s, other, "offset", 0, 0);
		uint32_t more = extent(s, other);
		bool     same = (register_may(s, other, 'r') &&
                                register_may(s, node, 'r')) ||
		    (register_may(s, other, 'w') && register_may(s, node, 'w'));

		if (other < node && same && same_bank(s, other, node) &&
		    at < offset + bytes && offset < at + more)
			source_error(s, node, "offset",
			    "%s reuses the offset of %s", source_name(s, node),
			    source_name(s, other));
	}
	check_values(s, node, width);
	check_fields(s, node, width);
}

/* Accessors carry no region in their names. */
static void
check_unique(struct source *s, int region_node, int node)
{
	int all = source_child(s, s->driver, "registers"), other;

	fdt_for_each_subnode(other, s->fdt, all) if (other < region_node &&
	    source_child(s, other, source_name(s, node)) >= 0)
	    source_error(s, node, NULL, "%s is the name of another register",
		source_name(s, node));
}

static void
check_region(struct source *s, int node)
{
	const char *kind = source_string(s, node, "kind", "");
	int         r;

	if (strcmp(kind, "ports") != 0 && strcmp(kind, "mmio") != 0 &&
	    strcmp(kind, "found") != 0)
		source_error(s, node, "kind", "kind is ports, mmio or found");
	if ((strcmp(kind, "found") == 0) == source_has(s, node, "resource"))
		source_error(s, node, NULL,
		    "%s: a resource, unless the driver finds it",
		    source_name(s, node));
	fdt_for_each_subnode(r, s->fdt, node)
	{
		check_register(s, node, r);
		check_unique(s, node, r);
	}
}

/* A unit may be for one of the match entries only: that must be one. */
static void
check_units(struct source *s)
{
	int needs = source_child(s, s->driver, "needs"), unit;
	int match = source_child(s, s->driver, "match");

	if (needs < 0 || match < 0)
		return;
	fdt_for_each_subnode(unit, s->fdt, needs)
	{
		const char *where = source_string(s, unit, "where", NULL);

		if (where != NULL && source_child(s, match, where) < 0)
			source_error(s, unit, "where",
			    "%s is the name of no match", where);
	}
}

void
check_driver(struct source *s)
{
	int all, node;

	check_node(s, s->driver, &grammar_source);
	if (!source_library(s))
		check_units(s);
	for (int i = 0; grammar_sections[i] != NULL && !source_library(s); i++)
		if (source_child(s, s->driver, grammar_sections[i]) < 0)
			source_error(s, s->driver, NULL, "%s lacks %s", s->name,
			    grammar_sections[i]);
	all = source_child(s, s->driver, "registers");
	if (all < 0)
		return;
	fdt_for_each_subnode(node, s->fdt, all) check_region(s, node);
}
