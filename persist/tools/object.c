/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains, segments and nodes of the tree. All are declared before any is
 * filled, so that capabilities may point forwards.
 */
#include "persist/tools/build.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* The stack is the start of a large slot: one node is enough. */
	STACK_BASE = 0xf8000000u,
	STACK_PAGES_MAX = 1024,
	SEGMENT_PAGES_MAX = 32768,
	PRIORITY_LOWEST = 0,
	PRIORITY_HIGHEST = 15,
	PRIORITY_DEFAULT = 8,
};

static const char *const domain_names[] = {"image", "available", "priority",
    "stack-pages", "resident", "reserve", "foreign", "calls", "argument", NULL};
static const char *const segment_names[] = {"pages", "file", NULL};
static const char *const node_names[] = {"node", "span", "guard", NULL};
static const char *const map_names[] = {
    "target", "pages", "kind", "span", "read-only", "executable", NULL};

/* A path of the tree is relative to the build folder. */
static char *
build_path(struct build *b, const char *format, const char *name)
{
	char  tail[256];
	char *path = must_alloc(1, 512);

	snprintf(tail, sizeof(tail), format, name);
	if (snprintf(path, 512, "%s/%s", b->images, tail) >= 512)
		die("%s: the path is too long", name);
	return path;
}

static void
segment_declare(struct build *b, struct object *o)
{
	struct space *s = space_new(o->range, o->name);
	size_t        bytes = 0;
	char         *file = NULL;
	struct cap    c;

	tree_only(b, o->offset, segment_names);
	if (tree_has(b, o->offset, "file"))
		file = file_read(
		    build_path(b, "%s", tree_string(b, o->offset, "file")),
		    &bytes);
	o->pages = (unsigned)tree_number(b, o->offset, "pages",
	    (bytes + PAGE_SIZE - 1) / PAGE_SIZE, SEGMENT_PAGES_MAX);
	if (o->pages == 0 || o->pages * (size_t)PAGE_SIZE < bytes)
		die("%s: too few pages", tree_path(b, o->offset));
	o->page = must_alloc(o->pages, sizeof(o->page[0]));
	for (unsigned i = 0; i < o->pages; i++) {
		size_t at = i * (size_t)PAGE_SIZE;

		o->page[i] = range_frame(o->range, FK_PAGE);
		c = cap_make(CK_PAGE, 0, 0, FIRST_COUNT, o->page[i]);
		if (at < bytes)
			memcpy(range_page(o->range, o->page[i]), file + at,
			    bytes - at < PAGE_SIZE ? bytes - at : PAGE_SIZE);
		/* Offset 0 is a legal place in a segment, not in a space. */
		space_put_at(s, at, c);
	}
	free(file);
	o->space = space_finish(s);
}

static void
node_declare(struct build *b, struct object *o)
{
	bool     guard = tree_flag(b, o->offset, "guard");
	unsigned span = (unsigned)tree_number(b, o->offset, "span", 17, 64);

	tree_only(b, o->offset, node_names);
	if (span == 0)
		die("%s: span is 0", tree_path(b, o->offset));
	o->node = range_node(o->range, guard ? ROLE_GUARD : ROLE_DATA);
	o->space = cap_make(
	    guard ? CK_GUARD : CK_NODE, 0, span - 1, FIRST_COUNT, o->node);
}

static void
domain_declare(struct build *b, struct object *o)
{
	tree_only(b, o->offset, domain_names);
	o->node = range_node(o->range, ROLE_PROCESS);
	o->state = range_frame(o->range, FK_STATE);
	o->running = !tree_flag(b, o->offset, "available");
	if (tree_flag(b, o->offset, "resident"))
		o->flags |= PF_RESIDENT;
	if (tree_flag(b, o->offset, "reserve"))
		o->flags |= PF_RESERVE;
	if (tree_flag(b, o->offset, "foreign"))
		o->flags |= PF_FOREIGN;
	if ((o->flags & PF_RESIDENT) != 0 && o->range != &b->boot)
		die("%s: only a boot domain can be resident",
		    tree_path(b, o->offset));
}

static void
object_declare(struct build *b, int offset, struct range *r)
{
	struct object *o = &b->object[b->nobjects];
	const char    *name = fdt_get_name(b->fdt, offset, NULL);

	if (b->nobjects == OBJECTS_MAX)
		die("more than %u objects", OBJECTS_MAX);
	if (name == NULL || strlen(name) >= NAME_BYTES)
		die("%s: the name is too long", tree_path(b, offset));
	b->nobjects++;
	*o = (struct object){
	    .offset = offset,
	    .range = r,
	    .phandle = fdt_get_phandle(b->fdt, offset),
	};
	strcpy(o->name, name);
	if (tree_has(b, offset, "image")) {
		o->type = OBJ_DOMAIN;
		domain_declare(b, o);
	} else if (tree_has(b, offset, "node")) {
		o->type = OBJ_NODE;
		node_declare(b, o);
	} else {
		o->type = OBJ_SEGMENT;
		segment_declare(b, o);
	}
}

void
objects_declare(struct build *b, int section, struct range *r)
{
	const char *name;

	if (section < 0)
		return;
	for (int n = tree_first(b, section); n >= 0; n = tree_next(b, n)) {
		name = fdt_get_name(b->fdt, n, NULL);
		if (name != NULL && strcmp(name, "services") != 0)
			object_declare(b, n, r);
	}
}

/* One map@ADDRESS of a domain: its own zero pages, or a shared segment. */
static void
map_fill(struct build *b, struct object *o, struct space *s, int n)
{
	uint64_t   at = tree_unit(b, n, 16);
	unsigned   rights = CR_NO_EXECUTE;
	struct cap c;

	tree_only(b, n, map_names);
	if (tree_flag(b, n, "executable"))
		rights = CR_READ_ONLY;
	if (tree_flag(b, n, "read-only"))
		rights |= CR_READ_ONLY;
	if (tree_has(b, n, "pages")) {
		unsigned pages = (unsigned)tree_number(
		    b, n, "pages", 0, SEGMENT_PAGES_MAX);

		for (unsigned i = 0; i < pages; i++)
			space_put(s, at + i * (uint64_t)PAGE_SIZE,
			    cap_make(CK_PAGE, rights, 0, FIRST_COUNT,
				range_frame(o->range, FK_PAGE)));
		return;
	}
	if (tree_has(b, n, "kind")) {
		capability_read(b, o->range, n, &c);
	} else {
		struct object *t = tree_target(b, n, "target");

		if (t->type == OBJ_DOMAIN)
			die("%s: a domain is no segment", tree_path(b, n));
		if (o->range == &b->persistent && t->range == &b->boot)
			die("%s: persistent objects name the boot range only "
			    "by boot services (F6)",
			    tree_path(b, n));
		c = t->space;
	}
	c.rights |= (uint8_t)rights;
	space_put(s, at, c);
}

static void
state_fill(struct build *b, struct object *o, uint64_t entry, unsigned stack)
{
	struct state_page *p = range_page(o->range, o->state);
	const uint16_t     fcw = 0x37f;
	const uint32_t     mxcsr = 0x1f80;

	p->node_oid = o->node.v;
	p->node_count = FIRST_COUNT;
	p->state = o->running ? PS_RUNNING : PS_AVAILABLE;
	p->xformat = XSAVE_FORMAT_1;
	memcpy(p->name, o->name, strnlen(o->name, sizeof(p->name)));
	p->regs.rip = entry;
	p->regs.rsp = STACK_BASE + (uint64_t)stack * PAGE_SIZE;
	p->regs.rflags = 0x202;
	p->regs.rdi = tree_number(b, o->offset, "argument", 0, UINT64_MAX);
	/* x87 and SSE as FNINIT and reset leave them (SDM 1, 10.5.1.2). */
	memcpy(p->xsave, &fcw, sizeof(fcw));
	memcpy(p->xsave + 24, &mxcsr, sizeof(mxcsr));
}

static const struct {
	const char *name;
	unsigned    slot;
} named_slots[] = {
    {"keeper", SLOT_KEEPER},
    {"brand", SLOT_BRAND},
    {"io", SLOT_IO},
};

/* Capability registers, and the keeper, brand and I/O slots by name. */
static void
caps_fill(struct build *b, struct object *o, int caps)
{
	uint32_t built = 0;

	for (int n = tree_first(b, caps); n >= 0; n = tree_next(b, n)) {
		const char *name = fdt_get_name(b->fdt, n, NULL);
		uint64_t    slot = NODE_SLOTS;

		for (unsigned i = 0; i < 3; i++)
			if (strcmp(name, named_slots[i].name) == 0)
				slot = named_slots[i].slot;
		if (slot == NODE_SLOTS) {
			slot = tree_unit(b, n, 10);
			if (slot == 0 || slot >= CAP_REGISTERS)
				die("%s: registers are 1 to 15",
				    tree_path(b, n));
		}
		built |= UINT32_C(1) << slot;
		capability_read(b, o->range, n,
		    range_slot(o->range, o->node, (unsigned)slot));
	}
	range_header(o->range, o->node)->built = built;
}

static void
domain_fill(struct build *b, struct object *o)
{
	struct space *s = space_new(o->range, o->name);
	unsigned      stack = (unsigned)tree_number(
		 b, o->offset, "stack-pages", 4, STACK_PAGES_MAX);
	unsigned priority = (unsigned)tree_number(
	    b, o->offset, "priority", PRIORITY_DEFAULT, PRIORITY_HIGHEST);
	uint64_t fs_base = 0;
	uint64_t entry = elf_load(s, o->range,
	    build_path(b, "domain/%s.elf", tree_string(b, o->offset, "image")),
	    o->name, &fs_base);

	for (unsigned i = 0; i < stack; i++)
		space_put(s, STACK_BASE + i * (uint64_t)PAGE_SIZE,
		    cap_make(CK_PAGE, CR_NO_EXECUTE, 0, FIRST_COUNT,
			range_frame(o->range, FK_PAGE)));
	for (int n = tree_first(b, o->offset); n >= 0; n = tree_next(b, n)) {
		const char *name = fdt_get_name(b->fdt, n, NULL);

		if (strncmp(name, "map@", 4) == 0)
			map_fill(b, o, s, n);
		else if (strcmp(name, "caps") == 0)
			caps_fill(b, o, n);
		else
			die("%s: expected caps or map@ADDRESS",
			    tree_path(b, n));
	}
	o->space = space_finish(s);
	*range_slot(o->range, o->node, SLOT_SPACE) = o->space;
	*range_slot(o->range, o->node, SLOT_SCHEDULE) = cap_make(
	    CK_SCHEDULE, 0, priority, 0, (oid){0});
	*range_slot(o->range, o->node, SLOT_STATE) = cap_make(
	    CK_PAGE, 0, 0, FIRST_COUNT, o->state);
	range_header(o->range, o->node)->flags = o->flags;
	range_header(o->range, o->node)->built |= UINT32_C(1) << SLOT_SPACE |
	    UINT32_C(1) << SLOT_SCHEDULE | UINT32_C(1) << SLOT_STATE;
	range_header(o->range, o->node)->placed = UINT32_C(1) << SLOT_STATE;
	state_fill(b, o, entry, stack);
	((struct state_page *)range_page(o->range, o->state))
	    ->fs_base = fs_base;
}

void
objects_fill(struct build *b)
{
	for (unsigned i = 0; i < b->nobjects; i++) {
		struct object *o = &b->object[i];

		if (o->type == OBJ_DOMAIN)
			domain_fill(b, o);
		if (o->type != OBJ_NODE)
			continue;
		for (int n = tree_first(b, o->offset); n >= 0;
		     n = tree_next(b, n)) {
			uint64_t slot = tree_unit(b, n, 10);

			if (slot >= NODE_SLOTS)
				die("%s: slots are 0 to 31", tree_path(b, n));
			capability_read(b, o->range, n,
			    range_slot(o->range, o->node, (unsigned)slot));
		}
	}
}
