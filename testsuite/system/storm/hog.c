/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that takes all the processes, notices and alarms that it can. */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"

/* A process that never runs; as many alarms for it as there are. */
static enum status
take_one(unsigned *alarms)
{
	enum status st = bank_page(REG_BANK, REG_T0);

	if (st == RC_OK)
		st = bank_node(REG_BANK, REG_T1);
	if (st == RC_OK)
		st = node_make_process(REG_T1, REG_T0, REG_T1);
	for (unsigned i = 0; st == RC_OK && i < NOTICE_BITS; i++) {
		st = process_make_notice(REG_T1, i, REG_T0);
		*alarms += st == RC_OK &&
		    clock_alarm(REG_CLOCK, UINT64_MAX, REG_T0) == RC_OK;
	}
	return st;
}

int
main(void)
{
	unsigned    made = 0, alarms = 0;
	enum status st;

	while ((st = take_one(&alarms)) == RC_OK)
		made++;
	log_printf("hog: %u processes, %u alarms, then status %u\n", made,
	    alarms, (unsigned)st);
	/* It gives no activity back, and takes each alarm that becomes free. */
	for (unsigned i = 0;; i++)
		if (process_make_notice(
			REG_PROCESS, i % NOTICE_BITS, REG_T0) == RC_OK)
			ignore_status(
			    clock_alarm(REG_CLOCK, UINT64_MAX, REG_T0));
}
