/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intake: what is checked of a node frame that comes from outside (D10).
 *
 * The store has verified that the content is what was once written; here the
 * kernel makes sure that it can do no harm whatever it is. Nothing is marked
 * dirty: the same conversion is made at each fetch.
 */
#include "kernel/abi/process.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/resolve.h"

static const struct cap void_cap;

/* Kinds that name an object of the node or page kind. */
static bool
names_object(const struct cap *c)
{
	return cap_rule[c->type & (CAP_RULES - 1)].kind != FK_FREE;
}

/* Kinds whose oid is a kernel object of one boot (D9), and the store's own. */
static bool
names_device(const struct cap *c)
{
	return c->type == CK_SNAPSHOT ||
	    (c->type >= CK_IRQ_SPACE && c->type < CK_COUNT);
}

/*
 * F6: does it name something of the boot in which its frame was written? The
 * store's root kinds and the boot range are among them; boot services are not.
 */
static bool
of_one_boot(const struct cap *c)
{
	if (names_device(c))
		return true;
	if (c->type == CK_RANGE)
		return !is_persistent(cap_range_first(c));
	return names_object(c) && !is_persistent(oid_frame(cap_oid(c)));
}

static bool
cap_ok(const struct cap *c)
{
	unsigned index = oid_index(cap_oid(c));

	if (c->type >= CK_COUNT)
		return false;
	if (c->type == CK_NUMBER || c->type == CK_RANGE)
		return true;
	if (c->type != CK_RESUME && c->type != CK_RESTART &&
	    (c->rights & ~CR_ALL) != 0)
		return false;
	if (c->type == CK_PAGE)
		return index == OID_INDEX_FRAME;
	return !names_object(c) || index != OID_INDEX_FRAME;
}

static void
take_cap(struct cap *c, bool other_boot)
{
	if (!cap_ok(c))
		*c = void_cap;
	else if (other_boot && of_one_boot(c))
		*c = cap_make(CK_RESTARTED, 0, c->type, 0, (oid){0});
	else if (c->type != CK_NUMBER && c->type != CK_RANGE)
		c->word &= OID_MASK; /* A hint means nothing outside. */
}

/* Roles, and what a role promises about the slots. */
static bool
take_node(struct node_frame *n, unsigned i, uint32_t count, bool persistent)
{
	struct node_header *h = &n->node[i];

	if (h->count > count || h->role > ROLE_COUNT)
		return false;
	if (h->role == ROLE_PROCESS) {
		const struct cap *s = &n->slot[i][SLOT_STATE];

		n->slot[i][0] = void_cap;
		if (persistent) /* Only the boot range is resident (F5). */
			h->flags &= (uint8_t)~PF_RESIDENT;
		/*
		 * Its page names it back, which is checked when it is run; one
		 * of an earlier boot is gone, and the others here are not.
		 */
		return s->type == CK_PAGE || s->type == CK_VOID ||
		    s->type == CK_RESTARTED;
	}
	h->flags = 0;
	return true;
}

bool
intake(struct frame *f, uint64_t number, uint32_t count)
{
	struct node_frame *n = frame_nodes(f);
	bool               other_boot;

	if (n->header.magic != NODE_FRAME_MAGIC || n->header.kind != FK_NODE ||
	    n->header.oid != oid_make(number, OID_INDEX_FRAME).v)
		return false;
	other_boot = is_persistent(number) && n->header.boot != mem.boot;
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		for (unsigned s = 0; s < NODE_SLOTS; s++)
			take_cap(&n->slot[i][s], other_boot);
		if (!take_node(n, i, count, is_persistent(number)))
			return false;
	}
	return true;
}
