/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/catalogue/package.h"

#include <elf.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "devdb/schema/grammar.h"
#include "userland/rt/elf.h"

struct reading {
	const void *fdt;
	char       *why;
	bool        failed;
};

/* The first complaint stays. */
static void
complain(struct reading *r, const char *format, ...)
{
	va_list args;

	if (r->failed)
		return;
	r->failed = true;
	va_start(args, format);
	vsnprintf(r->why, PACKAGE_WHY, format, args);
	va_end(args);
}

static const char *
name_of(const struct reading *r, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);

	return name != NULL ? name : "";
}

/* Each named in the grammar, in its form, and once. */
static void
check_properties(struct reading *r, int node, const struct grammar_kind *k)
{
	int at;

	fdt_for_each_property_offset(at, r->fdt, node)
	{
		const struct grammar_property *p;
		const char                    *name;
		int                            bytes;
		const void                    *data = fdt_getprop_by_offset(
				       r->fdt, at, &name, &bytes);

		p = data != NULL && name != NULL ? grammar_find(k, name) : NULL;
		if (p == NULL)
			complain(r, "%s: unknown property %s", name_of(r, node),
			    name != NULL ? name : "");
		else if (!grammar_fits(p, data, bytes))
			complain(r, "%s: %s has the wrong form",
			    name_of(r, node), name);
		else if (fdt_getprop(r->fdt, node, name, NULL) != data)
			complain(r, "%s: %s stands there twice",
			    name_of(r, node), name);
	}
	for (const struct grammar_property *p = k->property; p->name != NULL;
	     p++)
		if (p->must && fdt_getprop(r->fdt, node, p->name, NULL) == NULL)
			complain(r, "%s lacks %s", name_of(r, node), p->name);
}

/* The depth is that of the tables: at most GRAMMAR_DEPTH. */
static void
check_node(struct reading *r, int node, const struct grammar_kind *k)
{
	int child;

	check_properties(r, node, k);
	fdt_for_each_subnode(child, r->fdt, node)
	{
		const char                *name = name_of(r, child);
		const struct grammar_kind *ck = grammar_child(k, name);

		if (ck == NULL || ck->property == NULL)
			complain(
			    r, "%s: unknown node %s", name_of(r, node), name);
		else if (fdt_subnode_offset(r->fdt, node, name) != child)
			complain(r, "%s: %s stands there twice",
			    name_of(r, node), name);
		else
			check_node(r, child, ck);
		if (r->failed)
			return;
	}
}

/* The only child of a node, and its only content besides n properties. */
static int
only_child(struct reading *r, int node, int properties, const char *what)
{
	int child = fdt_first_subnode(r->fdt, node), at, n = 0;

	fdt_for_each_property_offset(at, r->fdt, node) n++;
	if (child < 0 || fdt_next_subnode(r->fdt, child) >= 0 ||
	    n != properties)
		complain(
		    r, "there must be exactly one %s, and nothing else", what);
	return child;
}

/* The driver's node: root, one fragment for /drivers, __overlay__, node. */
static int
find_driver(struct reading *r)
{
	static const char target[] = "/drivers";
	int               bytes = 0, fragment, overlay, node;
	const void       *path;

	fragment = only_child(r, 0, 0, "fragment");
	if (r->failed)
		return -1;
	path = fdt_getprop(r->fdt, fragment, "target-path", &bytes);
	if (path == NULL || bytes != (int)sizeof(target) ||
	    memcmp(path, target, sizeof(target)) != 0) {
		complain(r, "the fragment's target-path is not /drivers");
		return -1;
	}
	overlay = only_child(r, fragment, 1, "__overlay__");
	if (!r->failed && strcmp(name_of(r, overlay), "__overlay__") != 0)
		complain(r, "the fragment holds no __overlay__");
	if (r->failed)
		return -1;
	node = only_child(r, overlay, 0, "driver");
	return r->failed ? -1 : node;
}

static void
check_sections(struct reading *r, int node)
{
	check_node(r, node, &grammar_package);
	for (unsigned i = 0; grammar_sections[i] != NULL && !r->failed; i++)
		if (fdt_subnode_offset(r->fdt, node, grammar_sections[i]) < 0)
			complain(r, "%s lacks %s", name_of(r, node),
			    grammar_sections[i]);
}

static void
check_image(struct reading *r, const struct package *p)
{
	struct elf_image im;
	Elf64_Ehdr       e = {0};
	uint64_t         pages = 0;

	if (p->image_bytes >= sizeof(e))
		memcpy(&e, p->image, sizeof(e));
	if (memcmp(e.e_ident, ELFMAG, SELFMAG) != 0)
		complain(r, "its image is no ELF file");
	else if (e.e_machine != EM_X86_64 || e.e_ident[EI_CLASS] != ELFCLASS64)
		complain(r,
		    "its image is for another machine (ELF machine %u), not "
		    "x86-64",
		    e.e_machine);
	else if (elf_read(p->image, p->image_bytes, &im) != RC_OK)
		complain(r, "its image is no program that can run here");
	if (r->failed)
		return;
	for (unsigned i = 0; i < im.count; i++)
		pages += (im.segment[i].memory_bytes + PAGE_SIZE - 1) /
		    PAGE_SIZE;
	if (pages > PACKAGE_PAGES)
		complain(r, "its image needs %lu pages; a driver may have %u",
		    (unsigned long)pages, PACKAGE_PAGES);
}

/* What the tree says, in fixed places. */
static void
take(struct reading *r, struct package *p)
{
	const char *title, *wrong;
	int         bytes = 0;
	enum status st = record_read(&p->record, r->fdt, p->node);

	p->record.added = true;
	p->record.image = 0;
	if (st != RC_OK) {
		complain(r, "%s",
		    st == RC_LIMIT ? "it says more than a driver's record holds"
				   : "its class or a bus is not known");
		return;
	}
	wrong = record_wrong(&p->record);
	if (wrong != NULL) {
		complain(r, "%s", wrong);
		return;
	}
	title = fdt_getprop(r->fdt, p->node, "title", &bytes);
	snprintf(p->title, sizeof(p->title), "%s", title != NULL ? title : "");
	p->image = fdt_getprop(r->fdt, p->node, "image", &bytes);
	p->image_bytes = bytes > 0 ? (size_t)bytes : 0;
}

enum status
package_read(struct package *p, const void *blob, size_t bytes, char *why)
{
	struct reading r = {.fdt = blob, .why = why};
	const char    *wrong = walk_wrong(blob, bytes);

	why[0] = '\0';
	memset(p, 0, sizeof(*p));
	if (wrong != NULL)
		complain(&r, "%s", wrong);
	else if (fdt_check_full(blob, bytes) != 0)
		complain(&r, "it is a damaged device tree");
	if (!r.failed)
		p->node = find_driver(&r);
	if (!r.failed)
		check_sections(&r, p->node);
	if (!r.failed)
		take(&r, p);
	if (!r.failed && bytes - p->image_bytes > PACKAGE_TREE)
		complain(&r, "its tree is larger than %u bytes", PACKAGE_TREE);
	if (!r.failed)
		check_image(&r, p);
	return r.failed ? RC_CORRUPT : RC_OK;
}
