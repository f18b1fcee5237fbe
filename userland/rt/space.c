/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/space.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/slot.h"

enum status
space_map(unsigned slot, capreg segment)
{
	enum status st;

	if (slot < SPACE_SLOT_FIRST || slot > SPACE_SLOT_LAST)
		return RC_ARGUMENT;
	st = process_get(REG_PROCESS, SLOT_SPACE, REG_RT);
	if (st != RC_OK)
		return st;
	return node_swap(REG_RT, slot, segment, REG_VOID);
}

unsigned
space_pages(capreg node, unsigned first)
{
	bool     present = true;
	unsigned slot = first;

	while (slot < NODE_SLOTS &&
	    slot_get(node, slot, REG_RT, &present) == RC_OK && present)
		slot++;
	return slot - first;
}
