/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that tells its own keeper of a fault that it has not had. */
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"

int
main(void)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_T0),
	    .word = {KEEPER_PROCESS, FAULT_UNMAPPED, 0xdead},
	};

	if (process_get(REG_PROCESS, SLOT_KEEPER, REG_T0) == RC_OK)
		ant_invoke(&m);
	log_printf("forge: status %u\n", (unsigned)message_status(&m));
	return 0;
}
