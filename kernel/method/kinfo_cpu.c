/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel information: how it was started, and on what. */
#include "boot/handoff/handoff.h"
#include "kernel/device/dma.h"
#include "kernel/hal/hal.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

_Static_assert(sizeof(struct handoff) <= INV_STRING_MAX, "fits a reply");

enum status
method_kinfo_boot(struct invocation *inv)
{
	inv_commit(inv);
	memcpy(inv->out_string, hal_handoff(), sizeof(struct handoff));
	inv->out_bytes = sizeof(struct handoff);
	return RC_OK;
}

enum status
method_kinfo_features(struct invocation *inv)
{
	inv_commit(inv);
	inv->out_word[1] = hal_features() | (dma_enforced() ? KF_IOMMU : 0u);
	inv->out_word[2] = mem.boot;
	inv->out_word[3] = hal_tsc_at_entry();
	inv->out_word[4] = hal_tsc_khz();
	return RC_OK;
}
