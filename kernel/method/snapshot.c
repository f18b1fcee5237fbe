/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshot: freeze the whole state (D8). */
#include "kernel/abi/pager.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/record.h"

/*
 * The store is the one that asks, and it is not persistent, so the loaded
 * process's own state is no part of what is frozen (F4). Processes that are
 * not loaded have all their state in their pages already. Its space is loaded
 * anew (D8): nobody has to know that the store maps nothing persistent. A record is
 * not made before the last one was read: it would forget who has not run yet.
 */
static enum status
freeze(void)
{
	const uint32_t *frames;
	uint32_t        n;
	uint64_t        epoch;
	enum status     st;

	if (epoch_freezing() || !pager_restarted())
		return RC_BUSY;
	st = record_prepare(PAGER_RECORD_MAX);
	if (st != RC_OK)
		return st;
	frames = record_frames(&n);
	st     = epoch_snapshot(frames, n, cpu.call_number, &epoch);
	assert(st == RC_OK);
	record_begin();
	/* The tables that are loaded may have writable entries (F10). */
	map_unload();
	cpu.remap = true;
	cpu.counters.snapshots++;
	return ST_AGAIN;
}

/*
 * The record is of the instant at which the epoch was frozen, and is made after
 * it, in pieces (D3, M6). Who asks while another's is being made helps with it.
 */
enum status
method_snapshot_take(struct invocation *inv)
{
	if (frame_source(cpu.current->node->number) == SOURCE_PERSISTENT)
		return RC_STATE;
	if (!record_is_open())
		return freeze();
	if (!record_go_on())
		return ST_AGAIN;
	inv_commit(inv);
	epoch_recorded();
	inv->out_word[1] = mem.epoch - 1;
	return RC_OK;
}
