/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset of the machine. */
#include "kernel/hal/hal.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_reset_reset(struct invocation *inv)
{
	inv_commit(inv);
	log_line("reset: asked for");
	hal_reset();
}
