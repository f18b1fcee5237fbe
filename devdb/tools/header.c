/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/tools/emit.h"

#include <libfdt.h>
#include <string.h>

#include "devdb/tools/check.h"

/* The driver's name in both cases, and the register's in upper case. */
struct names {
	char lower[PATH_BYTES];
	char upper[PATH_BYTES];
	char reg[PATH_BYTES];
};

static void
emit_values(const struct source *s, int node, const char *prefix, FILE *out)
{
	int values = source_child(s, node, "values"), at;

	if (values < 0)
		return;
	fdt_for_each_property_offset(at, s->fdt, values)
	{
		char        upper[PATH_BYTES];
		const char *name;

		(void)fdt_getprop_by_offset(s->fdt, at, &name, NULL);
		source_upper(name, upper);
		fprintf(out, "\t%s_%s = 0x%x,\n", prefix, upper,
		    source_cell(s, values, name, 0, 0));
	}
}

static void
emit_field(const struct source *s, int node, const char *prefix, FILE *out)
{
	struct bits b = field_bits(s, node);
	char        name[PATH_BYTES], full[4 * PATH_BYTES];

	source_upper(source_name(s, node), name);
	snprintf(full, sizeof(full), "%s_%s", prefix, name);
	if (b.high == b.low) {
		fprintf(out, "\t%s = 0x%llx,\n", full, 1ULL << b.low);
	} else {
		fprintf(out, "\t%s_SHIFT = %u,\n", full, b.low);
		fprintf(out, "\t%s_MASK = 0x%llx,\n", full,
		    (~0ULL >> (63 - b.high)) & ~((1ULL << b.low) - 1));
	}
	emit_values(s, node, full, out);
}

static void
emit_accessors(const struct source *s, int node, const struct names *n,
    const char *region, FILE *out)
{
	unsigned width = source_cell(s, node, "width", 0, 8);
	unsigned offset = source_cell(s, node, "offset", 0, 0);
	bool     array = source_cell(s, node, "count", 0, 1) > 1;
	char     at[64];

	snprintf(
	    at, sizeof(at), array ? "%u + i * %u" : "%u", offset, width / 8);
	if (register_may(s, node, 'r'))
		fprintf(out,
		    "static inline uint%u_t\n%s_read_%s(struct dev *d%s)\n{\n"
		    "\treturn (uint%u_t)reg_read(d, %s_REGION_%s, %s, %u);\n"
		    "}\n\n",
		    width, n->lower, n->reg, array ? ", unsigned i" : "", width,
		    n->upper, region, at, width / 8);
	if (register_may(s, node, 'w'))
		fprintf(out,
		    "static inline void\n%s_write_%s(struct dev *d%s, "
		    "uint%u_t v)\n{\n"
		    "\treg_write(d, %s_REGION_%s, %s, %u, v);\n}\n\n",
		    n->lower, n->reg, array ? ", unsigned i" : "", width,
		    n->upper, region, at, width / 8);
}

static void
emit_register(const struct source *s, int node, struct names *n,
    const char *region, FILE *out)
{
	char prefix[3 * PATH_BYTES];
	int  f;
	bool any = source_child(s, node, "values") >= 0;

	source_upper(source_name(s, node), n->reg);
	snprintf(prefix, sizeof(prefix), "%s_%s", n->upper, n->reg);
	fprintf(out, "/* %s */\n", source_string(s, node, "section", ""));
	fdt_for_each_subnode(f, s->fdt, node) any = true;
	if (any) {
		fprintf(out, "enum {\n");
		emit_values(s, node, prefix, out);
		fdt_for_each_subnode(f, s->fdt,
		    node) if (strcmp(source_name(s, f), "values") != 0)
		    emit_field(s, f, prefix, out);
		fprintf(out, "};\n\n");
	}
	emit_accessors(s, node, n, region, out);
}

/* The function that ties the regions to the resources that were granted. */
static void
emit_regions(const struct source *s, int all, const struct names *n, FILE *out)
{
	char upper[PATH_BYTES];
	int  node;
	bool first = source_library(s);

	fprintf(out, "enum {\n");
	fdt_for_each_subnode(node, s->fdt, all)
	{
		source_upper(source_name(s, node), upper);
		fprintf(out, "\t%s_REGION_%s%s,\n", n->upper, upper,
		    first ? " = REGION_LIBRARY" : "");
		first = false;
	}
	fprintf(out, "\t%s_REGIONS,\n};\n\n", n->upper);
	fprintf(out,
	    "/* Ties the regions to the resources that were granted. */\n"
	    "static inline must_check enum status\n%s_regions(struct dev *d)\n"
	    "{\n\tenum status st = RC_OK;\n\n\t(void)d;\n",
	    n->lower);
	fdt_for_each_subnode(node, s->fdt, all)
	{
		const char *kind = source_string(s, node, "kind", "");

		if (strcmp(kind, "found") == 0)
			continue;
		source_upper(source_name(s, node), upper);
		fprintf(out,
		    "\tif (st == RC_OK)\n\t\tst = reg_region(d, "
		    "%s_REGION_%s, %s, %u, %u, %s);\n",
		    n->upper, upper,
		    strcmp(kind, "ports") == 0 ? "REGION_PORTS" : "REGION_MMIO",
		    source_cell(s, node, "resource", 0, 0),
		    source_cell(s, node, "bytes", 0, 0),
		    source_has(s, node, "optional") ? "true" : "false");
	}
	fprintf(out, "\treturn st;\n}\n\n");
}

void
emit_header(const struct source *s, const char *file, FILE *out)
{
	int          all = source_child(s, s->driver, "registers"), node, r;
	struct names n;
	char         region[PATH_BYTES];

	source_lower(s->name, n.lower);
	source_upper(s->name, n.upper);
	fprintf(out,
	    "/* SPDX-License-Identifier: BSD-2-Clause */\n"
	    "/* Made by devdb/tools from %s: %s. */\n"
	    "#ifndef GEN_%s_REGS_H\n#define GEN_%s_REGS_H\n\n"
	    "#include \"uldrv/lib/registers.h\"\n\n",
	    file, source_string(s, s->driver, "title", ""), n.upper, n.upper);
	if (all >= 0) {
		emit_regions(s, all, &n, out);
		fdt_for_each_subnode(node, s->fdt, all)
		{
			source_upper(source_name(s, node), region);
			fdt_for_each_subnode(r, s->fdt, node)
			    emit_register(s, r, &n, region, out);
		}
	}
	fprintf(out, "#endif\n");
}
