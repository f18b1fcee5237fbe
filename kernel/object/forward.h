/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forwarders: what stands behind an opaque one (S6).
 *
 * A forwarder is a node of its own role: slot 0 the target, slot 1 the
 * fallback; its header holds the data word and the flags (enum
 * forwarder_flags). Its orders are in kernel/method/forwarder.c.
 */
#ifndef KERNEL_OBJECT_FORWARD_H
#define KERNEL_OBJECT_FORWARD_H

#include "kernel/object/invocation.h"

enum forwarder_slot {
	FORWARD_TO,
	FORWARD_ELSE,
};

enum {
	FORWARDERS_MOST = 8, /* One behind another. */
	FORWARD_WORD    = 4, /* Replaced in the message by the data word. */
	FORWARD_CAP     = 2, /* By a capability to the forwarder. */
};

/* What the forwarders on the way put into a message. */
struct forwarded {
	unsigned   send; /* enum forwarder_send; 0: nothing. */
	uint64_t   word;
	struct cap cap;
};

static inline bool
forward_applies(const struct ref *r)
{
	return r->kind == CK_FORWARDER && (r->rights & CR_OPAQUE) != 0;
}

/*
 * Replace an opaque forwarder by what a message to it reaches, perhaps void.
 * RC_LIMIT: too many one behind another, or a circle of them. ST_WAIT: one is
 * blocked. As ref_prepare otherwise; then r->cap is what could not be had.
 */
must_check enum status forward_resolve(struct ref *r, struct forwarded *add);

/* One is unblocked, turned or gone: who waits for it looks again. */
void forward_wake(oid forwarder);

#endif
