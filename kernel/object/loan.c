/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loans: a keeper lends a page for one access (D4).
 */
#include "kernel/object/loan.h"
#include "kernel/mem/lend.h"
#include "kernel/object/cpu.h"
#include "kernel/object/keeper.h"
#include "kernel/object/known.h"

#define PAGE_MASK (~(uint64_t)(PAGE_SIZE - 1))

/* With all places taken it has needed too many, which loan_load will see. */
void
loan_add(struct process *p, const struct cap *page)
{
	const struct state_page *s = p->state;
	const uint64_t           address = s->fault_address & PAGE_MASK;
	struct loan             *l = &p->state->loan;
	unsigned                 i = 0;

	if (!(p->state_frame->flags & FF_LENT) || l->rip != s->regs.rip ||
	    l->n > LOAN_PAGES)
		l->n = l->reads = 0;
	while (i < l->n && l->page[i].address != address)
		i++;
	if (i == LOAN_PAGES) {
		l->n++;
		return;
	}
	if (i == l->n)
		l->n++;
	if (s->access == ACCESS_READ)
		l->reads = 1;
	l->rip             = s->regs.rip;
	l->page[i].address = address;
	l->page[i].write   = s->access == ACCESS_WRITE;
	l->page[i].page    = *page;
	l->page[i].page.rights |= s->fault_rights;
	p->state_frame->flags |= FF_LENT;
	known_forget(p); /* So that it is not run without its loan. */
}

/*
 * The frame of the i-th page. ST_FAULT: it is gone, or a resident process may
 * not reach it (F9), so the access faults again. ST_WAIT.
 */
static enum status
find_page(struct loan *l, unsigned i, bool resident, struct frame **out)
{
	enum status st = cap_resolve(&l->page[i].page, NULL, out);

	if (st == ST_WAIT)
		return st;
	if (st != RC_OK ||
	    (resident && frame_source((*out)->number) == SOURCE_PERSISTENT))
		return ST_FAULT;
	return RC_OK;
}

/* Find and hold the pages that there are. */
static enum status
find_pages(struct loan *l, bool resident, struct lent *list, unsigned *n)
{
	*n = 0;
	for (unsigned i = 0; i < l->n; i++) {
		const unsigned rights = l->page[i].page.rights;
		const bool     fixed  = rights & (CR_READ_ONLY | CR_WEAK);
		struct lent   *to = &list[*n];
		struct frame  *f = NULL;
		enum status    st = find_page(l, i, resident, &f);

		if (st == RC_OK && l->page[i].write && !fixed)
			st = object_prepare_write(&f);
		if (st == ST_WAIT)
			return st;
		if (st != RC_OK)
			continue;
		frame_hold(f);
		*to = (struct lent){
		    .address = l->page[i].address,
		    .page    = f,
		    .write   = !fixed,
		    .execute = fixed && !(rights & CR_NO_EXECUTE),
		};
		(*n)++;
	}
	return RC_OK;
}

/* The frame at an address, lent or not; NULL: none, or not so. */
static enum status
find_frame(uint64_t v, enum fault_access access, const struct lent *list,
    unsigned n, struct frame **out)
{
	struct map_space space = process_space(cpu.current);
	struct map_fault fault;
	enum status      st;

	for (unsigned i = 0; i < n; i++) {
		if (list[i].address == (v & PAGE_MASK)) {
			*out = list[i].page;
			return RC_OK;
		}
	}
	st = map_page(&space, v, access, out, &fault);
	if (st == ST_FAULT) {
		*out = NULL;
		return RC_OK;
	}
	return st;
}

/* The bytes of the instruction, as many as there are. */
static enum status
fetch(const struct lent *list, unsigned n, uint8_t *code, unsigned *bytes)
{
	const uint64_t rip = cpu.current->state->regs.rip;
	struct frame  *f = NULL;
	enum status    st = RC_OK;

	*bytes = 0;
	while (*bytes < HAL_CODE_BYTES) {
		const uint64_t at = rip + *bytes;

		if (f == NULL || at % PAGE_SIZE == 0)
			st = find_frame(at, ACCESS_EXECUTE, list, n, &f);
		if (st != RC_OK || f == NULL)
			return st;
		code[(*bytes)++] =
		    ((const uint8_t *)frame_data(f))[at % PAGE_SIZE];
	}
	return RC_OK;
}

enum status
loan_code(uint8_t *code, unsigned *bytes)
{
	return fetch(NULL, 0, code, bytes);
}

/* It cannot be stepped, or needs more than can be lent at a time. */
static _Noreturn void
cannot_be_lent(void)
{
	loan_end(cpu.current);
	keeper_fault(&(struct fault){.code = FAULT_INSTRUCTION,
	    .address = cpu.current->state->regs.rip});
}

enum status
loan_load(void)
{
	struct process *p = cpu.current;
	struct loan    *l = &p->state->loan;
	struct lent     list[LEND_PAGES];
	uint8_t         code[HAL_CODE_BYTES];
	unsigned        n = 0, bytes = 0;
	enum status     st;

	if (l->rip != p->state->regs.rip) {
		loan_end(p);
		return RC_OK;
	}
	if (l->n > LOAN_PAGES)
		cannot_be_lent();
	st = find_pages(
	    l, (p->header->flags & PF_RESIDENT) != 0, list, &n);
	if (st == RC_OK)
		st = fetch(list, n, code, &bytes);
	if (st == RC_OK)
		st = map_lend(list, n);
	if (st == RC_LIMIT)
		cannot_be_lent();
	if (st == RC_NO_MEMORY)
		st = wait_on(WAIT_MEMORY, 0);
	if (st == RC_NOT_RESIDENT) {
		/* F5: it waits for no memory, but faults again, and is told. */
		loan_end(p);
		return RC_OK;
	}
	if (st != RC_OK)
		return st;
	cpu.remap = true; /* However it comes back, its own space is loaded. */
	known_forget(p); /* So that it is not run without its loan. */
	switch (hal_step_begin(p->state, code, bytes)) {
	case HAL_STEP_ENTERS:
		if (!l->reads) /* Else the kernel will: see loan_string. */
			loan_end(cpu.current);
		break;
	case HAL_STEP_OURS:
		cpu.lent = LENT_STEP;
		break;
	case HAL_STEP_NOT:
		cannot_be_lent();
	case HAL_STEP_OWN:
		cpu.lent = LENT_STEP_OWN;
		break;
	}
	return RC_OK;
}

/*
 * What was lent for a SYSCALL still holds in the invocation that it is: of those
 * that enter the kernel it alone reads memory, and loan_load has seen to it that
 * the loan is for this instruction.
 */
enum status
loan_string(const struct process *p, uint64_t v, struct frame **out)
{
	struct loan *l = &p->state->loan;

	if (!(p->state_frame->flags & FF_LENT))
		return ST_FAULT;
	debug_assert(l->n <= LOAN_PAGES && l->reads &&
	    l->rip + SYSCALL_LENGTH == p->state->regs.rip);
	for (unsigned i = 0; i < l->n; i++) {
		if (l->page[i].address == (v & PAGE_MASK))
			return find_page(l, i,
			    (p->header->flags & PF_RESIDENT) != 0, out);
	}
	return ST_FAULT;
}

void
loan_end(const struct process *p)
{
	p->state_frame->flags &= (uint16_t)~FF_LENT;
}

/* The process never sees that it was stepped, not in pushed flags either. */
static void
clear_bit(uint64_t v)
{
	struct lent        list[LEND_PAGES];
	struct frame      *f = NULL;
	unsigned           n;

	if (find_pages(&cpu.current->state->loan, false, list, &n) != RC_OK)
		n = 0;
	if (find_frame(v, ACCESS_WRITE, list, n, &f) == RC_OK && f != NULL)
		((uint8_t *)frame_data(f))[v % PAGE_SIZE] &= 0xfe;
}

bool
loan_leave(bool done)
{
	const bool own = cpu.lent == LENT_STEP_OWN;
	uint64_t   stored;

	cpu.lent = LENT_NOT;
	stored   = hal_step_end(cpu.current->state, done);
	if (stored != 0)
		clear_bit(stored);
	if (done)
		loan_end(cpu.current);
	return own;
}
