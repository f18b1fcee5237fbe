/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/programs/programs.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"

enum status
destroy_bank(capreg bank)
{
	uint64_t    remaining = 1;
	enum status st = RC_OK;

	while (st == RC_OK && remaining > 0)
		st = bank_destroy(bank, &remaining);
	return st;
}

/* The node of entry i into REG_THIS. */
static enum status
open_program(unsigned i)
{
	return node_get(REG_NODE, SLOT_PROGRAM + i, REG_THIS);
}

/* A bank for the program, and in it the node of its capabilities. */
static enum status
make_room(unsigned i, size_t bytes)
{
	enum status st = bank_sub_bank(
	    REG_BANK, KEEP_FRAMES + bytes / PAGE_SIZE, REG_IN0);

	if (st != RC_OK)
		return st;
	st = bank_node(REG_IN0, REG_THIS);
	if (st == RC_OK)
		st = node_swap(REG_THIS, HAS_BANK, REG_IN0, REG_VOID);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_PROGRAM + i, REG_THIS, REG_VOID);
	if (st != RC_OK)
		ignore_status(destroy_bank(REG_IN0));
	return st;
}

/* The constructor in REG_IN1, its builder's capability in REG_IN2. */
static enum status
make_constructor(void)
{
	enum status st = node_get(REG_NODE, SLOT_CONSTRUCTORS, REG_IN1);

	if (st == RC_OK)
		st = process_get(REG_PROCESS, SLOT_SCHEDULE, REG_IN2);
	if (st == RC_OK)
		st = constructor_yield(REG_IN1, REG_IN0, REG_IN2, REG_IN1);
	if (st == RC_OK)
		st = node_swap(REG_THIS, HAS_CONSTRUCTOR, REG_IN1, REG_VOID);
	return st == RC_OK ? constructor_builder(REG_IN1, REG_IN2) : st;
}

/* All that a product will hold beside its bank and itself. */
static enum status
furnish(unsigned i)
{
	enum status st = constructor_insert(REG_IN2, REG_LOG, REG_LOG);

	if (st == RC_OK)
		st = constructor_insert(REG_IN2, REG_CLOCK, REG_CLOCK);
	if (st == RC_OK)
		st = process_make_start(
		    REG_PROCESS, PROGRAMS_KEEPER + i, REG_IN0);
	if (st == RC_OK)
		st = constructor_insert(REG_IN2, SLOT_KEEPER, REG_IN0);
	return st == RC_OK ? constructor_seal(REG_IN2) : st;
}

enum status
keep_program(unsigned i, const char *name)
{
	size_t      bytes = 0;
	enum status st;

	(void)stage_image(&bytes);
	st = make_room(i, bytes);
	if (st != RC_OK)
		return st;
	st = make_constructor();
	if (st == RC_OK)
		st = constructor_image(REG_IN2, bytes, STACK_PAGES, REG_STAGE,
		    name, strlen(name));
	if (st == RC_OK)
		st = furnish(i);
	if (st != RC_OK)
		ignore_status(forget_program(i));
	return st;
}

enum status
run_program(unsigned i)
{
	enum status st = open_program(i);

	if (st == RC_OK)
		st = bank_sub_bank(REG_BANK, RUN_FRAMES, REG_IN0);
	if (st != RC_OK)
		return st;
	st = node_swap(REG_THIS, HAS_RUN, REG_IN0, REG_VOID);
	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_CONSTRUCTOR, REG_IN1);
	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_RUN_SCHEDULE, REG_IN2);
	if (st == RC_OK)
		st = constructor_yield(REG_IN1, REG_IN0, REG_IN2, REG_VOID);
	if (st != RC_OK)
		ignore_status(destroy_bank(REG_IN0));
	return st;
}

enum status
end_program(unsigned i)
{
	enum status st = open_program(i);

	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_RUN, REG_IN0);
	return st == RC_OK ? destroy_bank(REG_IN0) : st;
}

enum status
forget_program(unsigned i)
{
	enum status st = open_program(i);

	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_BANK, REG_IN0);
	if (st == RC_OK)
		st = destroy_bank(REG_IN0);
	return st == RC_OK
	    ? node_swap(REG_NODE, SLOT_PROGRAM + i, REG_VOID, REG_VOID)
	    : st;
}

uint32_t
program_frames(unsigned i)
{
	uint64_t used = 0;

	if (programs.program[i].state < PROGRAMS_RUNNING ||
	    open_program(i) != RC_OK ||
	    node_get(REG_THIS, HAS_RUN, REG_IN0) != RC_OK ||
	    bank_figures(REG_IN0, &used, NULL, NULL, NULL) != RC_OK)
		return 0;
	return (uint32_t)used;
}
