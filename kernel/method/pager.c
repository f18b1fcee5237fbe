/* SPDX-License-Identifier: BSD-2-Clause */
/* Pager: the store says that completions have come. */
#include "kernel/mem/pager.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_pager_kick(struct invocation *inv)
{
	if (!pager_bound())
		return RC_STATE;
	inv_commit(inv);
	return pager_kick();
}
