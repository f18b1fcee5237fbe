/* SPDX-License-Identifier: BSD-2-Clause */
/* A program for Linux, run by a domain that answers its calls (D16). */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/demo/demo.h"
#include "userland/rt/build.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/foreign.stub.h"

enum {
	REG_SUB = REG_OWN,
	REG_LINUX = REG_OWN + 1, /* Once the process is built. */
	REG_KEEPER = REG_OWN + 2,
	PROGRAM_FRAMES = 40,
	PROGRAM_PAGES = 8, /* As in services.dtsi. */
	START_STACK = 64,  /* Linux's: no arguments, no variables, all zero. */
	WRITTEN = 1024,
};

#define PROGRAM ((const void *)UINT64_C(0x8000000)) /* As in services.dtsi. */

/* All but its stack pointer is 0, as Linux has it. */
static enum status
set_start(void)
{
	struct register_set set;
	size_t              n = 0;
	enum status         st =
	    process_get_registers(REG_T0, &set, sizeof(set), &n);

	if (st != RC_OK)
		return st;
	set = (struct register_set){
	    .regs.rip = set.regs.rip,
	    .regs.rsp = set.regs.rsp - START_STACK,
	};
	st = process_set_registers(REG_T0, &set, sizeof(set));
	return st == RC_OK ? process_set_foreign(REG_T0, 1) : st;
}

/*
 * The process in REG_T0, all of it bought from the bank in REG_SUB. REG_T3 is the
 * right to answer who asked for the demonstration.
 */
static enum status
build(void)
{
	struct build_plan plan = {
	    .image = PROGRAM,
	    .image_bytes = PROGRAM_PAGES * PAGE_SIZE,
	    .name = "linux-hello",
	    .bank = REG_SUB,
	    .schedule = REG_T1,
	    .scratch = {REG_OWN + 1, REG_OWN + 2, REG_OWN + 3, REG_T2},
	};
	enum status st = bank_sub_bank(REG_BANK, PROGRAM_FRAMES, REG_SUB);

	if (st == RC_OK)
		st = node_get(REG_NODE, HAS_SCHEDULE, REG_T1);
	if (st == RC_OK)
		st = build_process(&plan, REG_T0, REG_RT);
	if (st == RC_OK)
		st = node_get(REG_NODE, HAS_LINUX, REG_LINUX);
	if (st == RC_OK)
		st = foreign_keeper(REG_LINUX, REG_KEEPER);
	if (st == RC_OK)
		st = process_swap(REG_T0, SLOT_KEEPER, REG_KEEPER, REG_VOID);
	return st == RC_OK ? set_start() : st;
}

bool
show_linux(void)
{
	static char text[WRITTEN + 1];
	uint64_t    code = 0, calls = 0, left = 1;
	size_t      n = 0;
	enum status st = build();

	if (st == RC_OK)
		st = foreign_run(REG_LINUX, REG_T0, text, WRITTEN, &n, &code,
		    &calls);
	while (left > 0)
		if (bank_destroy(REG_SUB, &left) != RC_OK)
			break;
	if (st != RC_OK) {
		report("NOT SHOWN: %d\n", (int)st);
		return false;
	}
	text[n] = '\0';
	report("a program for Linux wrote: %s", text);
	report("it ended with code %lu; its keeper, a domain, answered %lu "
	       "calls\n",
	    code, calls);
	return n > 0 && code == 0;
}
