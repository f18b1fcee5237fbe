/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot catalogue and package both take over from a source. */
#include "devdb/tools/copy.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devdb/schema/grammar.h"

void
copy_need(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "devdb-gen: %s\n", fdt_strerror(result));
	exit(1);
}

static void
put_string(const struct source *s, void *to, const char *name)
{
	const char *text = source_string(s, s->driver, name, "");

	copy_need(fdt_property(to, name, text, (int)strlen(text) + 1));
}

static void
copy_properties(const struct source *s, int from, void *to)
{
	int at;

	fdt_for_each_property_offset(at, s->fdt, from)
	{
		const char *name;
		int         bytes;
		const void *data = fdt_getprop_by_offset(
		    s->fdt, at, &name, &bytes);

		copy_need(fdt_property(to, name, data, bytes));
	}
}

/* Two levels: match, needs or policy, and what is in it. */
static void
copy_section(const struct source *s, const char *name, void *to)
{
	int from = source_child(s, s->driver, name), node;

	copy_need(fdt_begin_node(to, name));
	copy_properties(s, from, to);
	fdt_for_each_subnode(node, s->fdt, from)
	{
		copy_need(fdt_begin_node(to, source_name(s, node)));
		copy_properties(s, node, to);
		copy_need(fdt_end_node(to));
	}
	copy_need(fdt_end_node(to));
}

void
copy_driver(
    const struct source *s, const void *image, size_t image_bytes, void *to)
{
	copy_need(fdt_begin_node(to, s->name));
	put_string(s, to, "title");
	put_string(s, to, "class");
	copy_need(fdt_property(to, "image", image, (int)image_bytes));
	for (int i = 0; grammar_sections[i] != NULL; i++)
		copy_section(s, grammar_sections[i], to);
	copy_need(fdt_end_node(to));
}
