/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree, read with errors that name the node and the property. */
#include "persist/tools/build.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
tree_path(const struct build *b, int offset)
{
	static char path[512];

	if (fdt_get_path(b->fdt, offset, path, sizeof(path)) != 0)
		return "?";
	return path;
}

bool
tree_has(const struct build *b, int offset, const char *name)
{
	return fdt_getprop(b->fdt, offset, name, NULL) != NULL;
}

bool
tree_flag(const struct build *b, int offset, const char *name)
{
	int n = 0;

	if (fdt_getprop(b->fdt, offset, name, &n) == NULL)
		return false;
	if (n != 0)
		die("%s: %s takes no value", tree_path(b, offset), name);
	return true;
}

const char *
tree_string(const struct build *b, int offset, const char *name)
{
	int         n;
	const char *s = fdt_getprop(b->fdt, offset, name, &n);

	if (s == NULL)
		die("%s: %s is missing", tree_path(b, offset), name);
	if (n < 2 || memchr(s, 0, (size_t)n) != s + n - 1)
		die("%s: %s is not one string", tree_path(b, offset), name);
	return s;
}

uint64_t
tree_number(const struct build *b, int offset, const char *name,
    uint64_t otherwise, uint64_t limit)
{
	int            n;
	uint64_t       v = 0;
	const uint8_t *p = fdt_getprop(b->fdt, offset, name, &n);

	if (p == NULL)
		return otherwise;
	if (n != 4 && n != 8)
		die("%s: %s is not one or two cells", tree_path(b, offset),
		    name);
	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	if (v > limit)
		die("%s: %s is greater than %#lx", tree_path(b, offset), name,
		    limit);
	return v;
}

uint64_t
tree_unit(const struct build *b, int offset, unsigned base)
{
	const char *name = fdt_get_name(b->fdt, offset, NULL);
	const char *at = name == NULL ? NULL : strchr(name, '@');
	char       *end;
	uint64_t    v;

	if (at == NULL || at[1] == 0)
		die("%s: a unit address is missing", tree_path(b, offset));
	v = strtoull(at + 1, &end, (int)base);
	if (*end != 0)
		die("%s: not a number in base %u", tree_path(b, offset), base);
	return v;
}

struct object *
tree_target(struct build *b, int offset, const char *name)
{
	uint64_t h;

	if (!tree_has(b, offset, name))
		die("%s: %s is missing", tree_path(b, offset), name);
	h = tree_number(b, offset, name, 0, UINT32_MAX);
	for (unsigned i = 0; i < b->nobjects; i++)
		if (h != 0 && b->object[i].phandle == h)
			return &b->object[i];
	die("%s: %s is no domain, segment or node", tree_path(b, offset), name);
}

/* A misspelt property is an error, not silently without effect. */
void
tree_only(const struct build *b, int offset, const char *const *names)
{
	const char *name;
	int         p;

	fdt_for_each_property_offset(p, b->fdt, offset)
	{
		const char *const *n = names;

		if (fdt_getprop_by_offset(b->fdt, p, &name, NULL) == NULL)
			die("%s: unreadable", tree_path(b, offset));
		if (strcmp(name, "phandle") == 0)
			continue;
		while (*n != NULL && strcmp(*n, name) != 0)
			n++;
		if (*n == NULL)
			die("%s: unknown property %s", tree_path(b, offset),
			    name);
	}
}

int
tree_first(const struct build *b, int offset)
{
	return fdt_first_subnode(b->fdt, offset);
}

int
tree_next(const struct build *b, int offset)
{
	return fdt_next_subnode(b->fdt, offset);
}
