/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/tools/emit.h"

#include <libfdt.h>
#include <string.h>

#include "devdb/tools/check.h"

static void
emit_strings(const struct source *s, const char *property, FILE *out)
{
	for (int i = 0;; i++) {
		const char *text = fdt_stringlist_get(
		    s->fdt, s->driver, property, i, NULL);

		if (text == NULL)
			break;
		fprintf(out, "- %s\n", text);
	}
	fputc('\n', out);
}

static void
emit_properties(const struct source *s, int node, FILE *out)
{
	int at;

	fdt_for_each_property_offset(at, s->fdt, node)
	{
		const char *name;
		int         bytes;
		const char *data = fdt_getprop_by_offset(
		    s->fdt, at, &name, &bytes);

		fprintf(out, " %s", name);
		if (bytes > 0 && strcmp(name, "bus") != 0 &&
		    strcmp(name, "id") != 0)
			for (int i = 0; i < bytes / 4; i++)
				fprintf(out, " 0x%x",
				    source_cell(s, node, name, i, 0));
		else if (bytes > 0)
			fprintf(out, " %s", data);
		fputc(';', out);
	}
	fputc('\n', out);
}

static void
emit_section(
    const struct source *s, const char *title, const char *name, FILE *out)
{
	int top = source_child(s, s->driver, name), node;

	if (top < 0)
		return;
	fprintf(out, "## %s\n\n", title);
	if (fdt_first_property_offset(s->fdt, top) >= 0) {
		fprintf(out, "-");
		emit_properties(s, top, out);
	}
	fdt_for_each_subnode(node, s->fdt, top)
	{
		fprintf(out, "- %s:", source_name(s, node));
		emit_properties(s, node, out);
	}
	fputc('\n', out);
}

static void
emit_bits(const struct source *s, int node, FILE *out)
{
	int f;

	fdt_for_each_subnode(f, s->fdt, node)
	{
		struct bits b = field_bits(s, f);

		if (strcmp(source_name(s, f), "values") == 0)
			continue;
		fprintf(out, b.high == b.low ? " %s(%u)" : " %s(%u:%u)",
		    source_name(s, f), b.high, b.low);
	}
}

static void
emit_region(const struct source *s, int node, FILE *out)
{
	int r;

	fprintf(out,
	    "### %s (%s, %u bytes; %s)\n\n"
	    "| offset | bits | access | register | section | fields |\n"
	    "|---|---|---|---|---|---|\n",
	    source_name(s, node), source_string(s, node, "kind", ""),
	    source_cell(s, node, "bytes", 0, 0),
	    source_string(s, node, "section", ""));
	fdt_for_each_subnode(r, s->fdt, node)
	{
		fprintf(out, "| 0x%02x | %u | %s | %s | %s |",
		    source_cell(s, r, "offset", 0, 0),
		    source_cell(s, r, "width", 0, 0),
		    source_string(s, r, "access", ""), source_name(s, r),
		    source_string(s, r, "section", ""));
		emit_bits(s, r, out);
		fprintf(out, " |\n");
	}
	fputc('\n', out);
}

void
emit_manual(const struct source *s, FILE *out)
{
	int all = source_child(s, s->driver, "registers"), node;

	fprintf(out, "# %s\n\n%s. Class %s.\n\n", s->name,
	    source_string(s, s->driver, "title", ""),
	    source_string(s, s->driver, "class", ""));
	emit_strings(s, "documents", out);
	if (source_has(s, s->driver, "notes"))
		emit_strings(s, "notes", out);
	emit_section(s, "Matches", "match", out);
	emit_section(s, "Needs", "needs", out);
	emit_section(s, "Policy", "policy", out);
	if (all < 0)
		return;
	fprintf(out, "## Registers\n\n");
	fdt_for_each_subnode(node, s->fdt, all) emit_region(s, node, out);
}
