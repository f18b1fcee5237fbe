/* SPDX-License-Identifier: BSD-2-Clause */
/* Window: what a driver that copies by itself may ask of its window. */
#include "kernel/mem/window.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_window_slots(struct invocation *inv)
{
	uint32_t          w  = 0;
	const enum status st = window_find(&inv->self.cap, &w);

	assert(st == RC_OK); /* Windows live until the reboot. */
	inv_commit(inv);
	inv->out_word[1] = window_slots(w);
	return RC_OK;
}
