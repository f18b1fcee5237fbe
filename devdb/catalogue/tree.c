/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/catalogue/tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum { PATH = 64 };

static const char drivers[] = "/drivers";

static void
path_of(char *path, const char *name)
{
	snprintf(path, PATH, "%s/%s", drivers, name);
}

void
tree_begin(struct tree *t)
{
	void *fdt = t->bytes[0];

	t->current = 0;
	/* Nothing of this depends on input, and there is room for it. */
	(void)fdt_create_empty_tree(fdt, TREE_BYTES);
	(void)fdt_add_subnode(fdt, 0, drivers + 1);
}

int
tree_find(const struct tree *t, const char *name)
{
	char path[PATH];

	path_of(path, name);
	return fdt_path_offset(tree_fdt(t), path);
}

/*
 * Small properties, copied one by one into a fresh blob: nothing of the
 * hostile one is moved about in place.
 */
static int
copy_properties(const void *from, int node, void *to)
{
	int at, result = 0;

	fdt_for_each_property_offset(at, from, node)
	{
		const char *name = NULL;
		int         bytes;
		const void *data = fdt_getprop_by_offset(
		    from, at, &name, &bytes);

		if (data == NULL || name == NULL)
			return -FDT_ERR_BADSTRUCTURE;
		if (strcmp(name, "image") == 0)
			continue;
		result = fdt_property(to, name, data, bytes);
		if (result != 0)
			return result;
	}
	return result;
}

static int
end_nodes(void *to, unsigned count)
{
	int result = 0;

	while (count-- > 0 && result == 0)
		result = fdt_end_node(to);
	return result;
}

/* The driver's node: its sections, and their nodes, and no deeper. */
static int
copy_driver(const void *from, int node, void *to)
{
	int section, leaf, result = copy_properties(from, node, to);

	fdt_for_each_subnode(section, from, node)
	{
		if (result == 0)
			result = fdt_begin_node(
			    to, fdt_get_name(from, section, NULL));
		if (result == 0)
			result = copy_properties(from, section, to);
		fdt_for_each_subnode(leaf, from, section)
		{
			if (result == 0)
				result = fdt_begin_node(
				    to, fdt_get_name(from, leaf, NULL));
			if (result == 0)
				result = copy_properties(from, leaf, to);
			if (result == 0)
				result = fdt_end_node(to);
		}
		if (result == 0)
			result = fdt_end_node(to);
	}
	return result;
}

static int
begin_overlay(void *to, size_t room, const char *name)
{
	int result = fdt_create(to, (int)room);

	if (result == 0)
		result = fdt_finish_reservemap(to);
	if (result == 0)
		result = fdt_begin_node(to, "");
	if (result == 0)
		result = fdt_begin_node(to, "fragment@0");
	if (result == 0)
		result = fdt_property_string(to, "target-path", drivers);
	if (result == 0)
		result = fdt_begin_node(to, "__overlay__");
	return result == 0 ? fdt_begin_node(to, name) : result;
}

enum status
overlay_make(const void *blob, const struct package *p, const uint8_t *hash,
    void *overlay, size_t room)
{
	int result = begin_overlay(overlay, room, p->record.name);

	if (result == 0)
		result = fdt_property_u32(
		    overlay, "image-bytes", (uint32_t)p->image_bytes);
	if (result == 0)
		result = fdt_property(overlay, "image-hash", hash, TREE_HASH);
	if (result == 0)
		result = copy_driver(blob, p->node, overlay);
	if (result == 0)
		result = end_nodes(overlay, 4);
	if (result == 0)
		result = fdt_finish(overlay);
	return result == 0 ? RC_OK : RC_LIMIT;
}

enum status
tree_apply(struct tree *t, const char *name, void *overlay)
{
	unsigned other = 1 - t->current;
	void    *copy = t->bytes[other];
	int      result;

	if (tree_find(t, name) >= 0)
		return RC_EXISTS;
	result = fdt_open_into(tree_fdt(t), copy, TREE_BYTES);
	if (result == 0)
		result = fdt_overlay_apply(copy, overlay);
	if (result != 0)
		return result == -FDT_ERR_NOSPACE ? RC_FULL : RC_CORRUPT;
	t->current = other;
	return RC_OK;
}

enum status
tree_remove(struct tree *t, const char *name)
{
	unsigned other = 1 - t->current;
	void    *copy = t->bytes[other];
	int      node = tree_find(t, name);

	if (node < 0)
		return RC_NOT_FOUND;
	if (fdt_open_into(tree_fdt(t), copy, TREE_BYTES) != 0 ||
	    fdt_del_node(copy, node) != 0)
		return RC_CORRUPT;
	t->current = other;
	return RC_OK;
}
