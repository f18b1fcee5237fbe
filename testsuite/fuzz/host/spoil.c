/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes from the store and must not be believed: content of node frames
 * that is refused or put right, completions that end nothing.
 */
#include "testsuite/fuzz/host/spoil.h"

#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/mem/cache.h"

/*
 * The whole of it is refused (D10): what it would be believed to be is another
 * frame, or newer than it is, or of a role that there is not.
 */
void
spoil_frame(struct node_frame *n, struct pager_completion *c)
{
	const unsigned i = (unsigned)below(FRAME_NODES);

	switch (below(6)) {
	case 0:
		n->header.magic ^= UINT32_C(1) << below(32);
		return;
	case 1:
		n->header.kind ^= 1;
		return;
	case 2:
		n->header.oid ^= UINT64_C(1) << below(OID_BITS);
		return;
	case 3:
		n->node[i].count = c->count + 1;
		return;
	case 4:
		n->node[i].role = ROLE_COUNT + 1;
		return;
	default:
		n->node[i].role = ROLE_PROCESS;
		n->slot[i][SLOT_STATE].type = CK_NUMBER;
		return;
	}
}

/* What is nobody's to say (M1, F5, D11) is put right, and nobody sees it. */
void
spoil_node(struct node_frame *n)
{
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		struct cap *c = &n->slot[i][below(NODE_SLOTS)];

		if (c->type >= CK_PAGE && c->type <= CK_NOTICE &&
		    c->type != CK_NUMBER && c->type != CK_RANGE)
			c->word |= below(1024) << CAP_HINT_SHIFT;
		n->node[i].flags |= PF_RESIDENT;
		if (n->node[i].role == ROLE_PROCESS)
			n->slot[i][0] = (struct cap){.type = CK_CLOCK};
	}
}

/* Nearly right: one field is another's. */
static void
nearly(const struct pager_request *r, struct pager_completion *c)
{
	c->tag = r->tag;
	c->op = r->op;
	c->oid = r->oid;
	c->epoch = r->epoch;
	switch (below(4)) {
	case 0:
		c->tag ^= UINT64_C(1) << (8 + below(56));
		return;
	case 1:
		c->oid ^= 8;
		return;
	case 2:
		c->epoch++;
		return;
	default:
		c->kind = FK_COUNT;
		return;
	}
}

struct pager_completion
spoil_completion(const struct pager_request *r)
{
	struct pager_completion c = {
	    .tag = random64(),
	    .op = (uint8_t)below(PAGER_OP_COUNT + 1),
	    .kind = (uint8_t)below(FK_COUNT + 1),
	    .flags = (uint16_t)below(16),
	    .count = (uint32_t)random64(),
	    .oid = random64() & OID_MASK,
	    .epoch = below(4) == 0 ? mem.epoch : random64(),
	    .status = (uint32_t)below(30),
	};

	if (r != NULL)
		nearly(r, &c);
	if (c.op == PAGER_CREDIT || c.op == PAGER_OPEN)
		c.tag |= 1; /* Those are believed: a store may say them. */
	return c;
}
