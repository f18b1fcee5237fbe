/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process is the store, and what happens when it dies (S11).
 */
#include "kernel/object/store.h"
#include "kernel/object/cpu.h"

static struct {
	bool bound;
	oid  process;
} store;

void
store_init(void)
{
	store.bound = false;
}

void
store_bound(void)
{
	store.bound   = true;
	store.process = process_oid(cpu.current);
}

void
store_check(oid process, const char *why)
{
	if (!store.bound || !oid_equal(process, store.process))
		return;
	log_line("store: %s: what it knew is lost, the machine is reset (S11)",
	    why);
	hal_reset();
}
