/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages are put in at ascending addresses, so that one register for each
 * level, with the node being filled, is enough.
 *
 * Invariant: scratch[i] is the node of level i on the way to the page put in
 * last, and it has been put into the node above; open[i] says whether there
 * is one.
 */
#include "userland/rt/build.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"

enum {
	SCRATCH_PAGE = BUILD_LEVELS,
};

struct work {
	const struct build_plan *plan;
	capreg                   space;
	uint64_t                 last; /* Address of the last page. */
	bool                     open[BUILD_LEVELS];
};

struct start_registers {
	struct registers regs;
	uint64_t         fs_base, gs_base;
};

_Static_assert(sizeof(struct start_registers) == 192, "set_registers");

/* log2 of the bytes that a node of a level covers: 27, 22, 17. */
static unsigned
level_span(unsigned level)
{
	return BUILD_SPAN - NODE_SHIFT * (level + 1);
}

static uint64_t
slot_of(uint64_t address, unsigned span)
{
	return address >> span & (NODE_SLOTS - 1);
}

static unsigned
stack_pages(const struct build_plan *plan)
{
	return plan->stack_pages == 0 ? BUILD_STACK_PAGES : plan->stack_pages;
}

static capreg
level_register(const struct work *w, int level)
{
	return level < 0 ? w->space : w->plan->scratch[level];
}

/* Buy a node that covers 2^span bytes. */
static enum status
buy_node(capreg bank, unsigned span, capreg node)
{
	enum status st;

	st = bank_node(bank, node);
	if (st != RC_OK)
		return st;
	return node_segment(node, span, node);
}

/* Have the nodes on the way to an address, from the root down. */
static enum status
open_path(struct work *w, uint64_t address)
{
	enum status st;

	for (unsigned i = 0; i < BUILD_LEVELS; i++) {
		unsigned span = level_span(i);
		capreg   node = level_register(w, (int)i);

		if (w->open[i] && address >> span == w->last >> span)
			continue;
		memset(&w->open[i], 0, (BUILD_LEVELS - i) * sizeof(bool));
		st = buy_node(w->plan->bank, span, node);
		if (st != RC_OK)
			return st;
		st = node_swap(level_register(w, (int)i - 1),
		    slot_of(address, span), node, REG_VOID);
		if (st != RC_OK)
			return st;
		w->open[i] = true;
	}
	w->last = address;
	return RC_OK;
}

/* Buy the page at an address, with content, and put it in. */
static enum status
put_page(struct work *w, uint64_t address, const void *data, size_t bytes,
    unsigned rights)
{
	capreg      page = w->plan->scratch[SCRATCH_PAGE];
	enum status st;

	st = open_path(w, address);
	if (st != RC_OK)
		return st;
	st = bank_page(w->plan->bank, page);
	if (st != RC_OK)
		return st;
	if (bytes > 0) {
		st = page_write(page, 0, data, bytes);
		if (st != RC_OK)
			return st;
	}
	st = page_restrict(page, rights, page);
	if (st != RC_OK)
		return st;
	return node_swap(level_register(w, BUILD_LEVELS - 1),
	    slot_of(address, PAGE_SHIFT), page, REG_VOID);
}

static enum status
put_segment(struct work *w, const struct elf_segment *s)
{
	const unsigned char *data = s->data;
	unsigned             rights = 0;
	enum status          st;

	if (!s->writable)
		rights |= CR_READ_ONLY;
	if (!s->executable)
		rights |= CR_NO_EXECUTE;
	for (uint64_t at = 0; at < s->memory_bytes; at += PAGE_SIZE) {
		uint64_t bytes = 0;

		if (at < s->file_bytes)
			bytes = s->file_bytes - at;
		if (bytes > PAGE_SIZE)
			bytes = PAGE_SIZE;
		st = put_page(w, s->address + at, data + at, bytes, rights);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

/* The stack lies at the start of its large slot: one node is enough. */
static enum status
put_stack(struct work *w)
{
	capreg      node = w->plan->scratch[0];
	capreg      page = w->plan->scratch[SCRATCH_PAGE];
	enum status st;

	st = buy_node(w->plan->bank, PAGE_SHIFT + NODE_SHIFT, node);
	if (st != RC_OK)
		return st;
	for (unsigned i = 0; i < stack_pages(w->plan); i++) {
		st = bank_page(w->plan->bank, page);
		if (st != RC_OK)
			return st;
		st = page_restrict(page, CR_NO_EXECUTE, page);
		if (st != RC_OK)
			return st;
		st = node_swap(node, i, page, REG_VOID);
		if (st != RC_OK)
			return st;
	}
	return node_swap(
	    w->space, slot_of(BUILD_STACK, level_span(0)), node, REG_VOID);
}

/* The root, and in it the image. */
static enum status
put_image(struct work *w, const struct elf_image *image)
{
	enum status st = buy_node(w->plan->bank, BUILD_SPAN, w->space);

	for (unsigned i = 0; st == RC_OK && i < image->count; i++)
		st = put_segment(w, &image->segment[i]);
	return st;
}

static enum status
build_space(struct work *w, const struct elf_image *image)
{
	enum status st = put_image(w, image);

	return st != RC_OK ? st : put_stack(w);
}

static enum status
set_slots(const struct build_plan *plan, capreg process, capreg space)
{
	const struct {
		enum process_slot slot;
		capreg            cap;
	} slots[] = {
	    {SLOT_SPACE, space},
	    {SLOT_SCHEDULE, plan->schedule},
	    {SLOT_KEEPER, plan->keeper},
	};
	enum status st;

	for (unsigned i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		st = process_swap(
		    process, slots[i].slot, slots[i].cap, REG_VOID);
		if (st != RC_OK)
			return st;
	}
	return process_name(process, plan->name, strlen(plan->name));
}

static enum status
make_process(const struct build_plan *plan, const struct elf_image *image,
    capreg process, capreg space)
{
	const struct start_registers regs = {
	    .regs.rip = image->entry,
	    .regs.rsp = BUILD_STACK + (uint64_t)stack_pages(plan) * PAGE_SIZE,
	    .regs.rdi = plan->argument,
	    .fs_base = image->fs_base,
	};
	capreg      page = plan->scratch[SCRATCH_PAGE];
	capreg      node = plan->scratch[0];
	enum status st;

	st = bank_page(plan->bank, page);
	if (st != RC_OK)
		return st;
	st = bank_node(plan->bank, node);
	if (st != RC_OK)
		return st;
	st = node_make_process(node, page, process);
	if (st != RC_OK)
		return st;
	st = set_slots(plan, process, space);
	if (st != RC_OK)
		return st;
	return process_set_registers(process, &regs, sizeof(regs));
}

/* A root around a segment that somebody else filled. */
static enum status
build_around(struct work *w)
{
	enum status st = buy_node(w->plan->bank, BUILD_SPAN, w->space);

	if (st == RC_OK)
		st = node_swap(w->space, 0, w->plan->segment, REG_VOID);
	return st != RC_OK ? st : put_stack(w);
}

enum status
build_process(const struct build_plan *plan, capreg process, capreg space)
{
	struct work      w = {.plan = plan, .space = space};
	struct elf_image image = {
	    .entry = plan->entry, .fs_base = plan->fs_base};
	enum status      st = RC_OK;

	if (stack_pages(plan) > BUILD_STACK_MOST)
		return RC_ARGUMENT;
	if (plan->segment == REG_VOID)
		st = elf_read(plan->image, plan->image_bytes, &image);
	if (st != RC_OK)
		return st;
	st = plan->segment == REG_VOID ? build_space(&w, &image)
				       : build_around(&w);
	if (st != RC_OK)
		return st;
	return make_process(plan, &image, process, space);
}

enum status
build_segment(const struct build_plan *plan, capreg segment, uint64_t *entry,
    uint64_t *fs_base)
{
	struct work      w = {.plan = plan, .space = segment};
	struct elf_image image;
	enum status      st;

	st = elf_read(plan->image, plan->image_bytes, &image);
	if (st == RC_OK)
		st = put_image(&w, &image);
	if (st != RC_OK)
		return st;
	*entry = image.entry;
	*fs_base = image.fs_base;
	/* All of an image lies in slot 0 (ELF_HIGHEST). */
	return node_get(segment, 0, segment);
}
