/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar as tables: each kind of node lists its properties, with the form
 * of each, and the kind of its subnodes. What no table names is an error.
 */
#include "devdb/tools/check.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum form {
	FLAG,    /* No value. */
	STRING,  /* One string. */
	STRINGS, /* One or more. */
	CELLS,   /* A multiple of `cells` numbers, at least one. */
	CELL1,   /* Exactly `cells` numbers. */
};

struct property {
	const char *name;
	enum form   form;
	int         cells;
	bool        must;
};

struct kind {
	const struct property *property;
	const struct kind     *child; /* Of all subnodes but those below. */
	const char            *named[8];
	const struct kind     *named_kind[8];
};

static const struct property none[] = {{0}};

static const struct property field_p[] = {
    {"bits", CELL1, 2, true}, {"title", STRING, 0, false}, {0}};

static const struct kind any_values = {.property = NULL};
static const struct kind field = {
    .property = field_p,
    .named = {"values"},
    .named_kind = {&any_values},
};

static const struct property register_p[] = {
    {"offset", CELL1, 1, true},
    {"width", CELL1, 1, true},
    {"access", STRING, 0, true},
    {"section", STRING, 0, true},
    {"title", STRING, 0, false},
    {"count", CELL1, 1, false},
    {"one-address", FLAG, 0, false},
    {"when", STRING, 0, false},
    {0},
};

static const struct kind reg = {
    .property = register_p,
    .child = &field,
    .named = {"values"},
    .named_kind = {&any_values},
};

static const struct property region_p[] = {
    {"kind", STRING, 0, true},
    {"resource", CELL1, 1, false},
    {"bytes", CELL1, 1, true},
    {"section", STRING, 0, true},
    {"optional", FLAG, 0, false},
    {0},
};

static const struct kind region = {.property = region_p, .child = &reg};
static const struct kind regions = {.property = none, .child = &region};

static const struct property match_p[] = {
    {"bus", STRING, 0, true},
    {"vendor", CELL1, 1, false},
    {"device", CELL1, 1, false},
    {"subvendor", CELL1, 1, false},
    {"subdevice", CELL1, 1, false},
    {"class", CELL1, 1, false},
    {"class-mask", CELL1, 1, false},
    {"revision", CELL1, 2, false},
    {"id", STRING, 0, false},
    {0},
};

static const struct kind match = {.property = match_p};
static const struct kind matches = {.property = none, .child = &match};

/* What a device needs, and what each of its units does. */
#define UNIT_PROPERTIES                                                       \
	{"ports", CELLS, 2, false}, {"bar-ports", CELLS, 3, false},           \
	    {"bars", CELLS, 1, false}, {"bars-optional", CELLS, 1, false},    \
	    {"config-ports", CELLS, 3, false}, {"isa-irqs", CELLS, 1, false}, \
	    {"irqs", CELL1, 1, false},                                        \
	{                                                                     \
		"messages", CELL1, 1, false                                   \
	}

static const struct property unit_p[] = {UNIT_PROPERTIES, {0}};
static const struct property needs_p[] = {
    UNIT_PROPERTIES,
    {"dma-pages", CELL1, 1, false},
    {"data-pages", CELL1, 1, false},
    {"dma-bits", CELL1, 1, false},
    {"windows", CELL1, 1, false},
    {"bus-master", FLAG, 0, false},
    {"firmware-tables", FLAG, 0, false},
    {0},
};

static const struct kind unit = {.property = unit_p};
static const struct kind needs = {.property = needs_p, .child = &unit};

static const struct property policy_p[] = {
    {"resident", FLAG, 0, false},
    {"priority", CELL1, 1, true},
    {"restart-limit", CELL1, 1, true},
    {"back-off-ms", CELL1, 2, true},
    {"heartbeat-ms", CELL1, 1, true},
    {0},
};

static const struct kind policy = {.property = policy_p};

static const struct property driver_p[] = {
    {"title", STRING, 0, true},
    {"documents", STRINGS, 0, true},
    {"class", STRING, 0, true},
    {"notes", STRINGS, 0, false},
    {0},
};

static const struct kind driver = {
    .property = driver_p,
    .named = {"match", "needs", "policy", "registers"},
    .named_kind = {&matches, &needs, &policy, &regions},
};

static bool
form_ok(const struct property *p, const char *data, int bytes)
{
	switch (p->form) {
	case FLAG:
		return bytes == 0;
	case STRING:
		return bytes > 1 &&
		    memchr(data, 0, (size_t)bytes) == data + bytes - 1;
	case STRINGS:
		return bytes > 1 && data[bytes - 1] == '\0';
	case CELL1:
		return bytes == 4 * p->cells;
	case CELLS:
		return bytes > 0 && bytes % (4 * p->cells) == 0;
	}
	return false;
}

static void
check_properties(struct source *s, int node, const struct property *table)
{
	int at;

	fdt_for_each_property_offset(at, s->fdt, node)
	{
		const struct property *p = table;
		const char            *name;
		int                    bytes;
		const void            *data = fdt_getprop_by_offset(
			       s->fdt, at, &name, &bytes);

		while (p->name != NULL && strcmp(p->name, name) != 0)
			p++;
		if (p->name == NULL)
			source_error(
			    s, node, name, "unknown property %s", name);
		else if (!form_ok(p, data, bytes))
			source_error(
			    s, node, name, "%s has the wrong form", name);
	}
	for (const struct property *p = table; p->name != NULL; p++)
		if (p->must && !source_has(s, node, p->name))
			source_error(s, node, NULL, "%s lacks %s",
			    source_name(s, node), p->name);
}

static const struct kind *
child_kind(const struct kind *k, const char *name)
{
	for (int i = 0; k->named[i] != NULL; i++)
		if (strcmp(k->named[i], name) == 0)
			return k->named_kind[i];
	return k->child;
}

/* The depth is that of the tables: at most 5. */
static void
check_node(struct source *s, int node, const struct kind *k)
{
	int child;

	if (k->property != NULL)
		check_properties(s, node, k->property);
	fdt_for_each_subnode(child, s->fdt, node)
	{
		const struct kind *ck = child_kind(k, source_name(s, child));

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

void
check_driver(struct source *s)
{
	static const char *const must[] = {"match", "needs", "policy", NULL};
	int                      all, node;

	check_node(s, s->driver, &driver);
	for (int i = 0; must[i] != NULL; i++)
		if (source_child(s, s->driver, must[i]) < 0)
			source_error(s, s->driver, NULL, "%s lacks %s", s->name,
			    must[i]);
	all = source_child(s, s->driver, "registers");
	if (all < 0)
		return;
	fdt_for_each_subnode(node, s->fdt, all) check_region(s, node);
}
