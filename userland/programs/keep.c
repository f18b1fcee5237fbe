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

static enum status
put(unsigned slot, capreg from)
{
	return node_swap(REG_THIS, slot, from, REG_VOID);
}

/* Others may wait for what is the program's own: they are told (S6). */
static void
destroy_own(void)
{
	uint64_t    remaining = 1;
	enum status st = node_get(REG_THIS, HAS_OWN_BANK, REG_IN0);

	while (st == RC_OK && remaining > 0)
		st = bank_kill(REG_IN0, &remaining);
}

/* The bank in a slot, if there is one. */
static void
destroy_kept(unsigned slot)
{
	if (node_get(REG_THIS, slot, REG_IN0) == RC_OK)
		ignore_status(destroy_bank(REG_IN0));
}

enum status
have_bank(unsigned slot, uint64_t frames)
{
	enum status st = bank_sub_bank(REG_BANK, frames, REG_IN0);

	if (st != RC_OK)
		return st;
	st = put(slot, REG_IN0);
	if (st != RC_OK)
		ignore_status(destroy_bank(REG_IN0));
	return st;
}

/* A bank for the program's node, and in that what was staged. */
static enum status
make_room(unsigned i)
{
	enum status st = bank_sub_bank(REG_BANK, NODE_FRAMES, REG_IN0);

	if (st != RC_OK)
		return st;
	st = bank_node(REG_IN0, REG_THIS);
	if (st == RC_OK)
		st = put(HAS_BANK, REG_IN0);
	if (st == RC_OK)
		st = put(HAS_IMAGE, REG_STAGE);
	if (st == RC_OK)
		st = put(HAS_IMAGE_BANK, REG_STAGE_BANK);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_PROGRAM + i, REG_THIS, REG_VOID);
	if (st != RC_OK)
		ignore_status(destroy_bank(REG_IN0));
	return st;
}

/*
 * The constructor in REG_IN1, its builder's capability in REG_IN2, its bank in
 * REG_NEW.
 */
static enum status
make_constructor(size_t bytes)
{
	enum status st = bank_sub_bank(
	    REG_BANK, KEEP_FRAMES + bytes / PAGE_SIZE, REG_NEW);

	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_CONSTRUCTORS, REG_IN1);
	if (st == RC_OK)
		st = process_get(REG_PROCESS, SLOT_SCHEDULE, REG_IN2);
	if (st == RC_OK)
		st = constructor_yield(REG_IN1, REG_NEW, REG_IN2, REG_IN1);
	return st == RC_OK ? constructor_builder(REG_IN1, REG_IN2) : st;
}

/* The new one takes the place of the other; the bank of one of them goes. */
static enum status
settle(enum status made)
{
	enum status st = made;

	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_MAKING, REG_IN0);
	if (st == RC_OK)
		st = put(HAS_MAKING, REG_NEW);
	if (st == RC_OK) {
		st = put(HAS_CONSTRUCTOR, REG_IN1);
		if (st != RC_OK)
			ignore_status(put(HAS_MAKING, REG_IN0));
	}
	ignore_status(destroy_bank(st == RC_OK ? REG_IN0 : REG_NEW));
	return st;
}

/* A constructor of the image in REG_THIS, in place of the one there is. */
static enum status
make(unsigned i, const char *name, size_t bytes, const struct grants *g)
{
	enum status st = make_constructor(bytes);

	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_IMAGE, REG_IN0);
	if (st == RC_OK)
		st = constructor_image(
		    REG_IN2, bytes, STACK_PAGES, REG_IN0, name, strlen(name));
	if (st == RC_OK)
		st = furnish_with(i, g);
	if (st == RC_OK)
		st = process_make_start(
		    REG_PROCESS, PROGRAMS_KEEPER + i, REG_IN0);
	if (st == RC_OK)
		st = constructor_insert(REG_IN2, SLOT_KEEPER, REG_IN0);
	if (st == RC_OK)
		st = constructor_seal(REG_IN2);
	return settle(st);
}

enum status
keep_program(unsigned i, const char *name, const struct grants *g)
{
	size_t      bytes = 0;
	enum status st = make_room(i);

	if (st != RC_OK)
		return st;
	(void)stage_image(&bytes);
	stage_hand_over();
	st = make(i, name, bytes, g);
	if (st != RC_OK)
		ignore_status(forget_program(i));
	return st;
}

enum status
run_program(unsigned i, const struct grants *g)
{
	struct program *p = &programs.program[i];
	enum status     st = open_program(i);

	if (st == RC_OK &&
	    (!grants_same(&p->given, g) || grants_of_others(g))) {
		st = have_own(g);
		if (st == RC_OK)
			st = make(i, p->name, p->bytes, g);
		if (st == RC_OK)
			p->given = *g;
	}
	if (st == RC_OK)
		st = have_bank(HAS_RUN, g->frames);
	if (st != RC_OK)
		return st;
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

	if (st != RC_OK)
		return st;
	leave_timer(i);
	destroy_kept(HAS_MAKING);
	destroy_kept(HAS_IMAGE_BANK);
	destroy_own();
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
