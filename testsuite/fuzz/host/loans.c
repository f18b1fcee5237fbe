/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of loans (D4): a page that stands in for another, for one process
 * and one instruction.
 *
 * The driver is the CPU, which steps what it is told to step: its instructions
 * are a touch of memory, a SYSCALL, and a touch that cannot be stepped. A loan
 * is lost with the state page of its process when that leaves memory, and never
 * else; so the kernel's flag must agree with the model when a process runs.
 */
#include "testsuite/fuzz/host/models.h"

#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/object/cpu.h"

enum { LOANS = 32, UNSTEPPABLE_ONE_IN = 16, SHOWS_ONE_IN = 4 };

#define PAGE_OF(v) ((v) & ~(uint64_t)(PAGE_SIZE - 1))

static struct mloan {
	uint32_t at, serial; /* serial 0: none. */
	uint64_t rip, evictions;
	unsigned n;
	struct {
		uint64_t    address;
		bool        write;
		struct mcap page;
	} page[LOAN_PAGES];
} loans[LOANS];
static unsigned nloans; /* Up to the last. */

static struct mloan *
find(uint32_t at)
{
	for (unsigned i = 0; i < nloans; i++)
		if (loans[i].serial != 0 && loans[i].at == at &&
		    loans[i].serial == node_at(at)->serial)
			return &loans[i];
	return NULL;
}

void
loan_drop(uint32_t at)
{
	struct mloan *l = find(at);

	if (l != NULL)
		l->serial = 0;
}

void
loans_reset(void)
{
	memset(loans, 0, sizeof(loans));
	nloans = 0;
}

static struct mloan *
find_or_make(uint32_t at)
{
	struct mloan *l = find(at);
	unsigned      i = 0;

	if (l != NULL)
		return l;
	while (i < nloans && loans[i].serial != 0 &&
	    loans[i].serial == node_at(loans[i].at)->serial)
		i++;
	MUST(i < LOANS);
	nloans = i < nloans ? nloans : i + 1;
	loans[i] = (struct mloan){.at = at, .serial = node_at(at)->serial};
	return &loans[i];
}

enum status
restart_lend(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);
	struct mloan *l;
	uint64_t      address;
	unsigned      i = 0;

	if (unread(p->state_at) && !resident_knows(o))
		return RC_MEDIA;
	if (resident_is_stale(o))
		return RC_OK;
	if (!answers(&o->self) || resident_too_late(o))
		return RC_VOID;
	if (resident_answers(o, false))
		return RC_OK; /* It asks for the page again. */
	if (p->fault >= FAULT_DIVIDE || p->address >> USER_SPAN != 0)
		return RC_STATE;
	figures.loans++;
	l = find_or_make(o->self.at);
	if (l->rip != p->regs.rip)
		l->n = 0;
	l->rip = p->regs.rip;
	l->evictions = mem_counters.evictions;
	address = PAGE_OF(p->address);
	while (i < l->n && l->page[i].address != address)
		i++;
	MUST(i < LOAN_PAGES); /* No instruction here needs so many. */
	l->n = i == l->n ? l->n + 1 : l->n;
	l->page[i].address = address;
	l->page[i].write = p->access == ACCESS_WRITE;
	l->page[i].page = o->cap[0];
	l->page[i].page.rights |= p->fault_rights;
	p->fault = FAULT_NONE;
	p->state = PS_RUNNING;
	touch(o->self.at);
	return RC_OK;
}

/* --- What it reaches --------------------------------------------------------- */

/* What stands at v for the instruction at rip; NULL: nothing, or it is gone. */
static const struct mcap *
lent_at(uint32_t x, uint64_t rip, uint64_t v)
{
	const struct mloan *l = find(x);

	for (unsigned i = 0; l != NULL && l->rip == rip && i < l->n; i++)
		if (l->page[i].address == PAGE_OF(v))
			return unread(l->page[i].page.at) ||
				(is_resident(x) &&
				    at_persistent(l->page[i].page.at)) ||
				cap_now(&l->page[i].page).kind != CK_PAGE
			    ? NULL
			    : &l->page[i].page;
	return NULL;
}

static bool
may(const struct mcap *c, enum fault_access a)
{
	const bool fixed = c->rights & (CR_READ_ONLY | CR_WEAK);

	switch (a) {
	case ACCESS_WRITE:
		return !fixed;
	case ACCESS_EXECUTE:
		return fixed && !(c->rights & CR_NO_EXECUTE);
	case ACCESS_READ:
	default:
		return true;
	}
}

struct reach
stepped_reach(uint32_t x, uint64_t v, enum fault_access a)
{
	const struct mcap *c = lent_at(x, PC_TOUCH, v);
	struct reach       r = {.page = NOWHERE, .fault = FAULT_ACCESS};

	if (c == NULL)
		return space_reach(x, v, a);
	if (may(c, a)) /* Whatever its own space has there. */
		r.page = c->at;
	return r;
}

bool
is_lent_sent(uint32_t x, uint64_t v)
{
	return lent_at(x, PC_INVOKE, v) != NULL;
}

bool
is_lent(uint32_t x, uint64_t v, enum fault_access a)
{
	const struct mcap *c = lent_at(x, proc_at(x)->regs.rip, v);

	return c != NULL && may(c, a);
}

/*
 * The page at v of a string that it sends: its own, else what it was lent. Where
 * its own cannot be walked to, only the tables tell which.
 */
static struct reach
sent_reach(uint32_t x, uint64_t v)
{
	struct reach       r = space_reach(x, v, ACCESS_READ);
	const struct mcap *c = lent_at(x, PC_INVOKE, v);
	const struct frame *state;

	if (c == NULL)
		return r;
	if (r.page != NOWHERE && any_unread() &&
	    space_walk(x, v, ACCESS_READ).page == NOWHERE) {
		state = frame_find(frame_number_of(proc_at(x)->state_at));
		if (unread(r.page) || state == NULL ||
		    map_mapped(state, v, ACCESS_READ) == NULL)
			r.page = NOWHERE;
	}
	if (r.page == NOWHERE)
		r.page = c->at;
	return r;
}

uint32_t
sent_space_extent(uint32_t x, uint64_t v, uint32_t bytes, struct reach *r,
    uint64_t *where)
{
	uint32_t done = 0;

	while (done < bytes) {
		*r = sent_reach(x, v + done);
		*where = v + done;
		if (r->page == NOWHERE)
			return done;
		done += (uint32_t)(PAGE_SIZE - (v + done) % PAGE_SIZE);
	}
	return bytes;
}

void
sent_read(uint32_t x, uint64_t v, uint8_t *to, uint32_t bytes)
{
	for (uint32_t done = 0; done < bytes;) {
		const uint32_t in = (uint32_t)((v + done) % PAGE_SIZE);
		const uint32_t n = PAGE_SIZE - in < bytes - done
		    ? PAGE_SIZE - in
		    : bytes - done;
		const struct reach r = sent_reach(x, v + done);

		MUST(r.page != NOWHERE && !unread(r.page));
		memcpy(to + done, frame_at(r.page)->data + in, n);
		done += n;
	}
}

/* --- The CPU ----------------------------------------------------------------- */

/* What rbx and rbp say: which byte is touched, and how. */
static uint64_t
variant(const struct registers *r)
{
	return r->rbp / 3;
}

uint64_t
any_touch(enum fault_access a)
{
	return a + 3 * below(64);
}

enum hal_step
step_of(const struct state_page *s)
{
	if (s->regs.rip == PC_INVOKE)
		return HAL_STEP_ENTERS;
	return s->regs.rip == PC_TOUCH &&
		variant(&s->regs) % UNSTEPPABLE_ONE_IN == 1
	    ? HAL_STEP_NOT
	    : HAL_STEP_OURS;
}

bool
shows_flags(const struct registers *r)
{
	return r->rbp % 3 == ACCESS_WRITE && variant(r) % SHOWS_ONE_IN == 0;
}

void
loan_put_off(uint32_t x)
{
	const struct frame *f =
	    frame_find(frame_number_of(proc_at(x)->state_at));

	if (f == NULL || !(f->flags & FF_LENT))
		loan_drop(x);
}

void
loan_look(uint32_t x)
{
	struct mloan *l = find(x);
	const bool    lent = cpu.current->state_frame->flags & FF_LENT;

	if (l == NULL) {
		MUST(!lent);
	} else if (!lent) {
		MUST(l->rip != proc_at(x)->regs.rip ||
		    mem_counters.evictions != l->evictions ||
		    (is_resident(x) && frame_free_count() <= SCARCE) ||
		    step_of(cpu.current->state) == HAL_STEP_NOT);
		loan_drop(x);
		l = NULL;
	} else {
		MUST(l->rip == proc_at(x)->regs.rip);
	}
	MUST((cpu.lent == LENT_STEP) == (l != NULL && l->rip != PC_INVOKE));
}

void
loans_unstepped(void)
{
	for (unsigned i = 0; i < nloans; i++) {
		const uint32_t           at = loans[i].at;
		const struct state_page *k;
		struct mproc            *p = proc_at(at);
		struct reach             r = {.page = NOWHERE};

		if (find(at) != &loans[i] || !is_whole(at) ||
		    p->state != PS_RUNNING || loans[i].rip != p->regs.rip)
			continue;
		k = peek_state(at);
		if (k == NULL || k->fault != FAULT_INSTRUCTION ||
		    step_of(k) != HAL_STEP_NOT)
			continue;
		loans[i].serial = 0;
		touch(at);
		fault_model(at, FAULT_INSTRUCTION, ACCESS_READ, 0, p->regs.rip,
		    &r);
	}
}
