/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshot: freeze the whole state (D8). */
#include "kernel/abi/pager.h"
#include "kernel/mem/epoch.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/record.h"

/*
 * The store is the one that asks, and it is not persistent, so the loaded
 * process's own state is no part of what is frozen (F4). Processes that are
 * not loaded have all their state in their pages already. Its space is loaded
 * anew (D8): nobody has to know that the store maps nothing persistent.
 */
enum status
method_snapshot_take(struct invocation *inv)
{
	uint32_t    record[PAGER_RECORD_MAX];
	uint32_t    n;
	uint64_t    epoch;
	enum status st;

	if (frame_source(cpu.current->node->number) == SOURCE_PERSISTENT)
		return RC_STATE;
	st = record_make(record, PAGER_RECORD_MAX, &n);
	if (st != RC_OK)
		return st;
	st = epoch_snapshot(record, n, cpu.call_number, &epoch);
	if (st != RC_OK) {
		while (n > 0)
			frame_free(&mem.frame[record[--n]]);
		return st;
	}
	inv_commit(inv);
	/* The tables that are loaded may have writable entries (F10). */
	map_unload();
	cpu.remap = true;
	inv->out_word[1] = epoch;
	cpu.counters.snapshots++;
	return RC_OK;
}
