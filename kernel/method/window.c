/* SPDX-License-Identifier: BSD-2-Clause */
/* Window: what a driver that copies by itself may ask of its window. */
#include "kernel/mem/window.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_window_slots(struct invocation *inv)
{
	uint32_t    w = 0;
	enum status st = window_find(&inv->self.cap, &w);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = window_slots(w);
	return RC_OK;
}
