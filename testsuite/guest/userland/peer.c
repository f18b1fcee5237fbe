/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that run a function of this very image, with a space apart. */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/userland/services.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/wait.h"

enum {
	PEERS = 8,
	STACK = 8192,
	ROOT_SPAN = 32,
};

struct start_registers {
	struct registers regs;
	uint64_t         fs_base, gs_base;
};

extern uint8_t __ant_fs_block[];

static uint8_t  stacks[PEERS][STACK] __attribute__((aligned(16)));
static unsigned made;

/* The space: another root node with what this one's holds. */
static enum status
give_space(capreg bank, capreg peer)
{
	enum status st = bank_node(bank, REG_T0);

	if (st == RC_OK)
		st = node_segment(REG_T0, ROOT_SPAN, REG_T0);
	if (st == RC_OK)
		st = process_get(REG_PROCESS, SLOT_SPACE, REG_T1);
	if (st == RC_OK)
		st = node_copy(REG_T0, REG_T1);
	if (st == RC_OK)
		st = process_swap(peer, SLOT_SPACE, REG_T0, REG_VOID);
	return st;
}

static enum status
give_caps(capreg bank, capreg peer)
{
	enum status st = node_get(REG_NODE, NODE_SCHEDULE, REG_T0);

	if (st == RC_OK)
		st = process_swap(peer, SLOT_SCHEDULE, REG_T0, REG_VOID);
	if (st == RC_OK)
		st = process_swap(peer, REG_BANK, bank, REG_VOID);
	if (st == RC_OK)
		st = process_swap(peer, REG_PROCESS, peer, REG_VOID);
	if (st == RC_OK)
		st = process_swap(peer, REG_NODE, REG_NODE, REG_VOID);
	if (st == RC_OK)
		st = process_swap(peer, REG_DISCRIM, REG_DISCRIM, REG_VOID);
	return st;
}

static void
enter(uint64_t argument, void (*fn)(uint64_t))
{
	fn(argument);
	ant_exit();
}

enum status
peer_make(capreg bank, void (*fn)(uint64_t), uint64_t argument, capreg peer)
{
	uint8_t  *stack = stacks[made++ % PEERS];
	uint64_t *top = (uint64_t *)(void *)(stack + STACK);
	const struct start_registers regs = {
	    .regs.rip = (uintptr_t)enter,
	    .regs.rsp = (uintptr_t)(top - 1),
	    .regs.rdi = argument,
	    .regs.rsi = (uintptr_t)fn,
	    .regs.rflags = 0x202,
	    .fs_base = (uintptr_t)__ant_fs_block,
	};
	enum status st;

	top[-1] = 0; /* Nobody returns there. */
	st = bank_node(bank, peer);
	if (st == RC_OK)
		st = bank_page(bank, REG_T0);
	if (st == RC_OK)
		st = node_make_process(peer, REG_T0, peer);
	if (st == RC_OK)
		st = give_space(bank, peer);
	if (st == RC_OK)
		st = give_caps(bank, peer);
	if (st == RC_OK)
		st = process_name(peer, "peer", 4);
	if (st == RC_OK)
		st = process_set_registers(peer, &regs, sizeof(regs));
	return st == RC_OK ? process_start(peer) : st;
}

bool
wait_until(const volatile bool *flag)
{
	for (unsigned i = 0; i < 500; i++) {
		if (*flag)
			return true;
		(void)wait_for(10000000);
	}
	return *flag;
}
