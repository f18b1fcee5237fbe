/* SPDX-License-Identifier: BSD-2-Clause */
/* A slot of a node, and whether anything stands in it, in one invocation. */
#ifndef USERLAND_RT_SLOT_H
#define USERLAND_RT_SLOT_H

#include "kernel/abi/node.order.h"
#include "userland/rt/invoke.h"

/* Of a node, or a guard that is not opaque: both call it order 1. */
static inline must_check enum status
slot_get(capreg node, uint64_t slot, capreg to, bool *present)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, node) | CONTROL_RECEIVE(0, to),
	    .word = {NODE_GET, slot},
	};
	enum status st = ant_call_words(&m);

	*present = st == RC_OK && message_has_cap(&m, 0);
	return st;
}

#endif
