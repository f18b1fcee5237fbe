/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slow half of cap_resolve, and the table of what is valid.
 *
 * Kind and role are part of validation, so a page or node capability to what
 * has become a process is dead (F3). Nothing is ever inferred from contents.
 */
#include "kernel/mem/resolve.h"
#include "kernel/mem/cache.h"

#define EXACT UINT32_MAX

#define NODE_RULE(r)                   \
	{                              \
		FK_NODE, (r), 0, EXACT \
	}

const struct cap_rule cap_rule[CAP_RULES] = {
    [CK_PAGE] = {FK_PAGE, 0, 0, EXACT},
    [CK_NODE] = NODE_RULE(ROLE_DATA),
    [CK_GUARD] = NODE_RULE(ROLE_GUARD),
    [CK_FORWARDER] = NODE_RULE(ROLE_FORWARDER),
    [CK_PROCESS] = NODE_RULE(ROLE_PROCESS),
    [CK_START] = NODE_RULE(ROLE_PROCESS),
    [CK_NOTICE] = NODE_RULE(ROLE_PROCESS),
    [CK_RESUME] = {FK_NODE, ROLE_PROCESS, 0, 0},
    [CK_RESTART] = {FK_NODE, ROLE_PROCESS, 0, 0},
};

_Static_assert((int)CK_COUNT <= (int)CAP_RULES, "every kind has a rule");

/* Hints into a frame that is on its way to disk stay as they are (M1). */
void
cap_refresh(struct cap *slot, const struct frame *holder, const struct frame *f)
{
	if (holder != NULL &&
	    (holder->use != USE_OBJECT || (holder->flags & FF_IO_OUT)))
		return;
	slot->word = (slot->word & OID_MASK) |
	    (uint64_t)frame_index(f) << CAP_HINT_SHIFT;
}

enum status
cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out)
{
	const struct cap_rule *r = &cap_rule[slot->type & (CAP_RULES - 1)];
	struct frame          *f = NULL;
	enum status            st;

	if (slot->type == CK_RESTARTED)
		return RC_RESTARTED;
	if (slot->type >= CAP_RULES || r->kind == FK_FREE)
		return RC_VOID;
	st = object_fetch(oid_frame(cap_oid(slot)), &f);
	if (st == RC_NOT_FOUND)
		return RC_VOID;
	if (st != RC_OK)
		return st;
	if (!cap_fits(slot, f))
		return RC_VOID;
	cap_refresh(slot, holder, f);
	*out = f;
	return RC_OK;
}
