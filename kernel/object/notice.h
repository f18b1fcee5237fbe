/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices: a bit in a process's notice word, set without waiting for anyone.
 */
#ifndef KERNEL_OBJECT_NOTICE_H
#define KERNEL_OBJECT_NOTICE_H

#include "kernel/abi/cap.h"
#include "kernel/core/core.h"

struct activity;

/*
 * A binding keeps what a notice capability says: who and which bit. It names
 * the process by OID and count, so it goes dead with it.
 */
struct notice_binding {
	oid      process;
	uint32_t count;
	uint8_t  bit;
	bool     bound;
};

/* From a notice capability (CK_NOTICE, alive). */
static inline struct notice_binding
notice_binding(const struct cap *c)
{
	return (struct notice_binding){
	    .process = cap_oid(c),
	    .count   = c->count,
	    .bit     = (uint8_t)(c->data & 63),
	    .bound   = true,
	};
}

/*
 * Set the bit. Never waits and never fails: the process has a reserved
 * activity, made with the capability (S2); if it is dead, nothing happens and
 * the result is false. Safe at any point of the kernel, interrupts included.
 */
bool notice_post(const struct notice_binding *b);

/*
 * The same, but one that is to run for it is left to the caller, in *wake (NULL
 * before the first of several): who was there is made ready.
 */
bool notice_set(const struct notice_binding *b, struct activity **wake);

#endif
