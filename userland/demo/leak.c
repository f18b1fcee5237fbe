/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/demo/leak.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/rt/idl/bank.stub.h"

enum {
	REG_MINE = REG_OWN + 3, /* A page of one's own, with the secret. */
};

static const capreg level[LEAK_DEPTH] = {REG_IN0, REG_IN1, REG_IN2};

static void
tried(struct leak *l, enum status st)
{
	l->tried++;
	l->accepted += st == RC_OK;
}

/* Write to it, wipe it, copy to it: a bit is enough. */
static void
try_page(struct leak *l, capreg c)
{
	tried(l, page_write(c, 0, l->secret, sizeof(l->secret)));
	tried(l, page_copy(c, REG_MINE));
	tried(l, page_restrict(c, 0, REG_RT) == RC_OK
		? page_write(REG_RT, 0, l->secret, sizeof(l->secret))
		: RC_RIGHTS);
}

/* Store in it, or change what it is. */
static void
try_node(struct leak *l, capreg c)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		tried(l, node_swap(c, i, REG_MINE, REG_VOID));
	tried(l, node_copy(c, c));
	tried(l, node_make_guard(c, PAGE_SHIFT + NODE_SHIFT, REG_RT));
	tried(l, node_make_process(c, REG_MINE, REG_RT));
}

/* To whoever may be behind it; without waiting, so that nobody is missed. */
static void
try_send(struct leak *l, capreg c)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, c) |
		CONTROL_SEND(0, REG_MINE),
	    .send = l->secret,
	    .send_bytes = sizeof(l->secret),
	};

	memcpy(&m.word[0], l->secret, sizeof(m.word[0]));
	ant_invoke(&m);
	tried(l, message_status(&m));
}

/* Returns whether there is more to be fetched through it. */
static bool
try_one(struct leak *l, capreg c)
{
	uint64_t kind = CK_VOID;

	if (discrim_classify(REG_DISCRIM, c, &kind, NULL, NULL) != RC_OK ||
	    kind == CK_VOID)
		return false;
	l->found++;
	switch (kind) {
	case CK_PAGE:
		try_page(l, c);
		return false;
	case CK_NODE:
		try_node(l, c);
		return true;
	case CK_LOG:
		tried(l, log_write(c, l->secret, strlen(l->secret)));
		return false;
	case CK_NUMBER:
	case CK_DISCRIM:
		return false; /* There is nobody behind them. */
	default:
		try_send(l, c);
		return false;
	}
}

/* Down to LEAK_DEPTH, a slot at a time, without recursion. */
void
leak_through(struct leak *l, capreg holder)
{
	unsigned slot[LEAK_DEPTH] = {0};
	int      depth = 0;

	if (bank_page(REG_BANK, REG_MINE) != RC_OK ||
	    page_write(REG_MINE, 0, l->secret, sizeof(l->secret)) != RC_OK ||
	    !try_one(l, holder))
		depth = -1;
	while (depth >= 0) {
		capreg above = depth == 0 ? holder : level[depth - 1];

		if (slot[depth] == NODE_SLOTS) {
			depth--;
			continue;
		}
		if (node_get(above, slot[depth]++, level[depth]) != RC_OK ||
		    !try_one(l, level[depth]) || depth + 1 == LEAK_DEPTH)
			continue;
		slot[++depth] = 0;
	}
	ignore_status(bank_free(REG_BANK, REG_MINE));
}
