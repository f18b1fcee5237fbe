/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability descriptions: nodes with a kind and what the kind needs.
 *
 * Content by kind is D9's. Roots that exist once (clock, interrupt space ...)
 * have no OID. F6: a persistent slot never holds a capability to a boot object
 * or to a device; it holds a boot service number.
 */
#include "persist/tools/build.h"

#include <string.h>

static const char *const property_names[] = {"kind", "target", "data", "bit",
    "priority", "reserve", "source", "first", "length", "value", "number",
    "page", "span", "read-only", "no-execute", "weak", "no-call", "opaque",
    "executable", NULL};

/* Kinds without content. boot: a persistent slot may not hold it (F6). */
static const struct {
	const char   *name;
	enum cap_kind kind;
	bool          boot;
} plain[] = {
    {"void", CK_VOID, false},
    {"clock", CK_CLOCK, false},
    {"discrim", CK_DISCRIM, false},
    {"log", CK_LOG, false},
    {"kinfo", CK_KINFO, false},
    {"snapshot", CK_SNAPSHOT, true},
    {"irq-space", CK_IRQ_SPACE, true},
    {"port-space", CK_PORT_SPACE, true},
    {"mmio-space", CK_MMIO_SPACE, true},
    {"dma-spaces", CK_DMA_SPACES, true},
    {"cache", CK_CACHE, true},
    {"pager", CK_PAGER, true},
    {"reset", CK_RESET, true},
};

static const struct {
	const char     *name;
	enum cap_rights right;
} rights[] = {
    {"read-only", CR_READ_ONLY},
    {"no-execute", CR_NO_EXECUTE},
    {"weak", CR_WEAK},
    {"no-call", CR_NO_CALL},
    {"opaque", CR_OPAQUE},
};

/* The object named by target, of one of two types. */
static struct object *
target(struct build *b, struct range *holder, int n, enum object_type a,
    enum object_type c)
{
	struct object *o = tree_target(b, n, "target");

	if (o->type != a && o->type != c)
		die("%s: %s is of the wrong type", tree_path(b, n), o->name);
	if (holder == &b->persistent && o->range == &b->boot)
		die("%s: persistent objects name the boot range only by boot "
		    "services (F6)",
		    tree_path(b, n));
	return o;
}

static struct cap
object_cap(struct build *b, struct range *holder, int n, const char *kind)
{
	struct object *o;
	unsigned       i;

	if (strcmp(kind, "node") == 0)
		return target(b, holder, n, OBJ_NODE, OBJ_NODE)->space;
	if (strcmp(kind, "segment") == 0)
		return target(b, holder, n, OBJ_SEGMENT, OBJ_NODE)->space;
	if (strcmp(kind, "page") == 0) {
		o = target(b, holder, n, OBJ_SEGMENT, OBJ_SEGMENT);
		i = (unsigned)tree_number(b, n, "page", 0, o->pages - 1);
		return cap_make(CK_PAGE, 0, 0, FIRST_COUNT, o->page[i]);
	}
	o = target(b, holder, n, OBJ_DOMAIN, OBJ_DOMAIN);
	if (strcmp(kind, "start") == 0)
		return cap_make(CK_START, 0,
		    (unsigned)tree_number(b, n, "data", 0, 0xffff), FIRST_COUNT,
		    o->node);
	if (strcmp(kind, "notice") == 0)
		return cap_make(CK_NOTICE, 0,
		    (unsigned)tree_number(b, n, "bit", 0, NOTICE_BITS - 1),
		    FIRST_COUNT, o->node);
	return cap_make(CK_PROCESS, 0, 0, FIRST_COUNT, o->node);
}

/*
 * A range runs by default from the first frame that the builder leaves free
 * to the end of its source; where that is shows when all is built.
 */
static void
range_read(struct build *b, struct range *holder, int n, struct cap *slot)
{
	struct patch *p = &b->patch[b->npatches];
	const char   *source = tree_string(b, n, "source");

	if (b->npatches == PATCHES_MAX)
		die("more than %u ranges", PATCHES_MAX);
	b->npatches++;
	*p = (struct patch){
	    .slot = slot,
	    .range = holder,
	    .path = strdup(tree_path(b, n)),
	    .source = SOURCE_PERSISTENT,
	    .first = tree_number(b, n, "first", 0, OID_FRAMES - 1),
	    .length = tree_number(b, n, "length", 0, OID_FRAMES),
	    .from_free = !tree_has(b, n, "first"),
	    .to_end = !tree_has(b, n, "length"),
	};
	if (strcmp(source, "boot") == 0)
		p->source = SOURCE_BOOT;
	else if (strcmp(source, "ephemeral") == 0)
		p->source = SOURCE_EPHEMERAL;
	else if (strcmp(source, "persistent") != 0)
		die("%s: source is boot, ephemeral or persistent", p->path);
	if (holder == &b->persistent && p->source != SOURCE_PERSISTENT)
		die("%s: a persistent object may hold only a persistent range "
		    "(F6)",
		    p->path);
	*slot = (struct cap){.type = CK_RANGE};
}

static bool
value_cap(struct build *b, int n, const char *kind, struct cap *c)
{
	if (strcmp(kind, "number") == 0)
		*c = cap_number_make(
		    tree_number(b, n, "value", 0, UINT64_MAX), 0);
	else if (strcmp(kind, "schedule") == 0)
		*c = cap_make(CK_SCHEDULE, 0,
		    (unsigned)tree_number(b, n, "priority", 0, 15),
		    (uint32_t)tree_number(b, n, "reserve", 0, UINT32_MAX),
		    (oid){0});
	else if (strcmp(kind, "boot-service") == 0)
		*c = cap_make(CK_BOOTSVC, 0,
		    (unsigned)tree_number(b, n, "number", 0, SERVICES_MAX - 1),
		    0, (oid){0});
	else
		return false;
	return true;
}

static bool
plain_cap(struct build *b, struct range *holder, int n, const char *kind,
    struct cap *c)
{
	for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(kind, plain[i].name) != 0)
			continue;
		if (plain[i].boot && holder == &b->persistent)
			die("%s: a persistent object may not hold %s (F6)",
			    tree_path(b, n), kind);
		*c = cap_make(plain[i].kind, 0, 0, 0, (oid){0});
		if (tree_has(b, n, "span"))
			c->data = (uint16_t)((tree_number(
						  b, n, "span", 12, 64) -
						 1) &
			    63);
		return true;
	}
	return false;
}

void
capability_read(struct build *b, struct range *holder, int n, struct cap *slot)
{
	static const char *const object_kinds[] = {
	    "node", "segment", "page", "start", "notice", "process", NULL};
	const char *kind = tree_string(b, n, "kind");
	bool        known = false;
	struct cap  c = {.type = CK_VOID};

	tree_only(b, n, property_names);
	if (strcmp(kind, "range") == 0) {
		range_read(b, holder, n, slot);
		return;
	}
	for (unsigned i = 0; object_kinds[i] != NULL; i++)
		known |= strcmp(kind, object_kinds[i]) == 0;
	if (known)
		c = object_cap(b, holder, n, kind);
	else if (!value_cap(b, n, kind, &c) &&
	    !plain_cap(b, holder, n, kind, &c))
		die("%s: unknown kind %s", tree_path(b, n), kind);
	for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (tree_flag(b, n, rights[i].name))
			c.rights |= (uint8_t)rights[i].right;
	*slot = c;
}

void
capability_patch(struct build *b)
{
	for (unsigned i = 0; i < b->npatches; i++) {
		struct patch *p = &b->patch[i];
		uint64_t      end = OID_FRAMES;

		if (p->from_free && p->source == SOURCE_BOOT)
			p->first = b->boot.nframes;
		if (p->from_free && p->source == SOURCE_PERSISTENT)
			p->first = b->persistent.nframes;
		if (p->source == SOURCE_PERSISTENT)
			end = b->positions;
		if (p->first > end)
			die("%s: the volume is too small", p->path);
		if (p->to_end)
			p->length = end - p->first;
		if (p->length > end - p->first)
			die("%s: the range is too long", p->path);
		*p->slot = cap_range_make(
		    frame_of(p->source, p->first), p->length);
	}
}

/* services { service@N { ... }; }: what boot service N stands for (F6). */
void
services_read(struct build *b, int section)
{
	for (int n = tree_first(b, section); n >= 0; n = tree_next(b, n)) {
		uint64_t i = tree_unit(b, n, 10);

		if (i >= SERVICES_MAX)
			die("%s: services are 0 to %u", tree_path(b, n),
			    SERVICES_MAX - 1);
		if (b->service[i].type != CK_VOID)
			die("%s: given twice", tree_path(b, n));
		capability_read(b, &b->boot, n, &b->service[i]);
		if (i >= b->nservices)
			b->nservices = (unsigned)i + 1;
	}
}
