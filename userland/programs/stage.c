/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as it comes in: pages in a segment of 4 MiB, mapped here, bought
 * one by one from a bank that is destroyed afterwards.
 */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "userland/programs/programs.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/space.h"

enum {
	STAGE_SLOT = 1,
	STAGE_SPAN = 22,
	LEAF_SPAN = 17,
	STAGE_FRAMES = PROGRAMS_BYTES / PAGE_SIZE + 16,
};

static struct {
	bool     begun;
	uint64_t bytes;
	unsigned pages;
} stage;

void
stage_drop(void)
{
	if (!stage.begun)
		return;
	ignore_status(space_map(STAGE_SLOT, REG_VOID));
	ignore_status(destroy_bank(REG_STAGE_BANK));
	memset(&stage, 0, sizeof(stage));
}

void
stage_hand_over(void)
{
	ignore_status(space_map(STAGE_SLOT, REG_VOID));
	memset(&stage, 0, sizeof(stage));
}

static enum status
begin(void)
{
	enum status st;

	stage_drop();
	st = bank_sub_bank(REG_BANK, STAGE_FRAMES, REG_STAGE_BANK);
	if (st != RC_OK)
		return st;
	stage.begun = true;
	st = bank_node(REG_STAGE_BANK, REG_STAGE);
	if (st == RC_OK)
		st = node_segment(REG_STAGE, STAGE_SPAN, REG_STAGE);
	return st == RC_OK ? space_map(STAGE_SLOT, REG_STAGE) : st;
}

/* Have the next page. */
static enum status
add_page(void)
{
	const unsigned slot = stage.pages % NODE_SLOTS;
	enum status    st = RC_OK;

	if (slot == 0) {
		st = bank_node(REG_STAGE_BANK, REG_LEAF);
		if (st == RC_OK)
			st = node_segment(REG_LEAF, LEAF_SPAN, REG_LEAF);
		if (st == RC_OK)
			st = node_swap(REG_STAGE, stage.pages / NODE_SLOTS,
			    REG_LEAF, REG_VOID);
	}
	if (st == RC_OK)
		st = bank_page(REG_STAGE_BANK, REG_IN0);
	if (st == RC_OK)
		st = node_swap(REG_LEAF, slot, REG_IN0, REG_VOID);
	stage.pages += st == RC_OK;
	return st;
}

enum status
stage_put(uint64_t offset, const void *bytes, size_t length)
{
	enum status st = RC_OK;

	if (offset == 0)
		st = begin();
	else if (!stage.begun || offset != stage.bytes)
		return RC_STATE;
	if (st == RC_OK && length > PROGRAMS_BYTES - stage.bytes)
		st = RC_LIMIT;
	while (st == RC_OK &&
	    (uint64_t)stage.pages * PAGE_SIZE < stage.bytes + length)
		st = add_page();
	if (st != RC_OK) {
		stage_drop();
		return RC_LIMIT;
	}
	memcpy((uint8_t *)space_address(STAGE_SLOT) + offset, bytes, length);
	stage.bytes += length;
	return RC_OK;
}

const void *
stage_image(size_t *bytes)
{
	*bytes = stage.bytes;
	return space_address(STAGE_SLOT);
}
