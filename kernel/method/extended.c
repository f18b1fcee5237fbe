/* SPDX-License-Identifier: BSD-2-Clause */
/* Process: its x87, SSE and AVX registers, for debuggers and emulators. */
#include "kernel/method/proto.h"
#include "kernel/method/target.h"
#include "kernel/object/known.h"

_Static_assert(XSAVE_BYTES == 832, "as process.idl says");

enum status
method_process_get_extended(struct invocation *inv)
{
	enum status st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	if (target_asks())
		hal_process_sync(cpu.other.state);
	memcpy(inv->out_string, cpu.other.state->xsave, XSAVE_BYTES);
	inv->out_bytes = XSAVE_BYTES;
	return RC_OK;
}

/*
 * What was sent is not looked at here: as whatever a state page holds that came
 * from elsewhere it is forced before the process is next loaded (F3, S5).
 */
enum status
method_process_set_extended(struct invocation *inv)
{
	enum status st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	if (target_asks())
		return RC_BUSY; /* The CPU's own registers would be put over it. */
	inv_commit(inv);
	memcpy(cpu.other.state->xsave, inv->string, XSAVE_BYTES);
	cpu.other.state_frame->flags &= (uint16_t)~FF_FORCED;
	known_forget(&cpu.other);
	return RC_OK;
}
