/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel information: who has a part of the processor. */
#include "kernel/abi/kinfo.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"
#include "kernel/sched/reserve.h"

enum status
method_kinfo_reserves(struct invocation *inv)
{
	struct kinfo_reserve *out = (void *)inv->out_string;
	uint32_t              n   = 0;

	inv_commit(inv);
	for (unsigned i = 1; i < RESERVES; i++) {
		const struct reserve *r = reserve_at(i);

		if (r == NULL)
			continue;
		out[n++] = (struct kinfo_reserve){
		    .id        = reserve_id(i),
		    .period    = r->period,
		    .budget    = r->budget,
		    .left      = r->left,
		    .used      = r->used,
		    .exhausted = r->exhausted,
		};
	}
	inv->out_bytes   = n * (uint32_t)sizeof(*out);
	inv->out_word[1] = reserves.share;
	return RC_OK;
}
