/* SPDX-License-Identifier: BSD-2-Clause */
/* Pager: the store says that completions have come. */
#include "kernel/mem/pager.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_pager_kick(struct invocation *inv)
{
	uint32_t    left = 0;
	enum status st;

	if (!pager_bound())
		return RC_STATE;
	inv_commit(inv);
	st               = pager_kick(&left);
	inv->out_word[1] = left;
	return st;
}
