/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/tools/emit.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

enum { CATALOGUE_BYTES = 1 << 16 };

static void
need(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "catalogue: %s\n", fdt_strerror(result));
	exit(1);
}

static void
put_string(void *to, const char *name, const char *text)
{
	need(fdt_property(to, name, text, (int)strlen(text) + 1));
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

		need(fdt_property(to, name, data, bytes));
	}
}

/* Two levels: match, needs or policy, and what is in it. */
static void
copy_section(const struct source *s, const char *name, void *to)
{
	int from = source_child(s, s->driver, name), node;

	need(fdt_begin_node(to, name));
	copy_properties(s, from, to);
	fdt_for_each_subnode(node, s->fdt, from)
	{
		need(fdt_begin_node(to, source_name(s, node)));
		copy_properties(s, node, to);
		need(fdt_end_node(to));
	}
	need(fdt_end_node(to));
}

void
emit_catalogue(struct source *s, int count, FILE *out)
{
	void *to = calloc(1, CATALOGUE_BYTES);

	need(to == NULL ? -FDT_ERR_NOSPACE : 0);
	need(fdt_create(to, CATALOGUE_BYTES));
	need(fdt_finish_reservemap(to));
	need(fdt_begin_node(to, ""));
	need(fdt_begin_node(to, "drivers"));
	for (int i = 0; i < count; i++) {
		need(fdt_begin_node(to, s[i].name));
		put_string(to, "title",
		    source_string(&s[i], s[i].driver, "title", ""));
		put_string(to, "class",
		    source_string(&s[i], s[i].driver, "class", ""));
		need(fdt_property_u32(to, "image", (uint32_t)i));
		copy_section(&s[i], "match", to);
		copy_section(&s[i], "needs", to);
		copy_section(&s[i], "policy", to);
		need(fdt_end_node(to));
	}
	need(fdt_end_node(to));
	need(fdt_end_node(to));
	need(fdt_finish(to));
	fwrite(to, 1, fdt_totalsize(to), out);
	free(to);
}
