/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Completions from the store (S8, D10).
 *
 * The ring is memory that the store writes at any time: each entry is copied,
 * word by word, before it is looked at, and compared with the request that it
 * claims to end. What does not fit is logged and dropped.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/object.h"
#include "kernel/mem/request.h"
#include "kernel/hal/hal.h"
#include "kernel/sched/clock.h"
#include "kernel/sched/wait.h"

/*
 * Instructions of one kick, roughly (D3): a node frame's intake looks at 224
 * slots, a page is taken as it is, one of the record starts 128 processes.
 */
enum {
	COST_NODE = 2500,
	COST_PAGE = 400,
	COST_EMPTY = 900, /* One that is to be zero. */
	COST_MOST = 10000, /* And the cleaning that follows (clean.c). */
};

/* A drop that the store could not do is asked again after this, in ns. */
static const uint64_t again_ns = 10000000;

static uint64_t
number_of(const struct request *r)
{
	return oid_frame((oid){r->oid});
}

/* --- Fetches ------------------------------------------------------------- */

/* Kind, count and content of what has arrived; false: not believable. */
static bool
accept(struct frame *f, const struct pager_completion *c)
{
	bool empty = c->kind == FK_FREE || c->kind == FK_ZERO;

	if (empty)
		frame_clear(f);
	if (c->kind == FK_NODE && !intake(f, f->number, c->count))
		return false;
	object_set_kind(f,
	    c->kind == FK_ZERO ? FK_PAGE : (enum frame_kind)c->kind, c->count);
	return true;
}

/* A number without a frame again: its waiters ask anew. */
static void
forget(struct frame *f)
{
	frame_unname(f);
	f->flags = 0;
	frame_free(f);
}

static void
fetched(struct request *r, const struct pager_completion *c)
{
	struct frame  *f = &mem.frame[r->frame];
	const uint64_t number = number_of(r);
	const uint32_t count = r->count;
	const bool     told = r->kind == FK_STATE;

	request_free(r);
	f->flags = 0;
	if (c->status == RC_NOT_FOUND && (r->flags & PAGER_AHEAD)) {
		forget(f);
	} else {
		if (c->status != RC_OK || !accept(f, c)) {
			log_line("pager: object %lx cannot be read: %u", number,
			    c->status);
			f->flags = told ? FF_STAT : FF_LOST;
			f->count = count;
		}
		f->charged = c->flags & PAGER_CHARGED ? (uint32_t)r->epoch : 0;
		age_add(f);
	}
	wait_wake(WAIT_FRAME, number);
	wait_wake(WAIT_IO, number);
	wait_wake(WAIT_MEMORY, 0); /* It can be evicted: see pager_may_free. */
}

/*
 * The count alone; what has no content is here in full. A state page is fetched, if
 * anybody waits for a process: it tells for which, if it is to be freed. If it cannot
 * be read its count has to do.
 */
static void
stated(struct request *r, const struct pager_completion *c)
{
	struct frame *f = &mem.frame[r->frame];

	if (c->status == RC_OK && (c->kind == FK_FREE || c->kind == FK_ZERO)) {
		fetched(r, c);
		return;
	}
	if (c->status == RC_OK && c->kind == FK_STATE && wait_stalled()) {
		request_free(r);
		pager_fetch_stated(f, c->count);
		return;
	}
	f->flags = FF_STAT;
	if (c->status != RC_OK)
		f->flags |= FF_LOST;
	f->count = c->count;
	request_free(r);
	age_add(f);
	wait_wake(WAIT_FRAME, f->number);
	wait_wake(WAIT_IO, f->number);
	wait_wake(WAIT_MEMORY, 0);
}

/* A page of the record of the last boot. */
static void
record_fetched(struct request *r, const struct pager_completion *c)
{
	struct frame *f = &mem.frame[r->frame];
	uint32_t      i = (uint32_t)frame_position(number_of(r));

	request_free(r);
	if (c->status == RC_OK && c->kind == FK_PAGE)
		restart_page(i, frame_data(f));
	else
		log_line("pager: page %u of the running list is lost", i);
	f->flags = 0;
	frame_free(f);
	pager.record_open--;
	pager_fetch_record();
	if (pager_restarted())
		restart_end();
}

/* --- Changes ------------------------------------------------------------- */

static void
cleaned(struct request *r, const struct pager_completion *c)
{
	struct frame *f = &mem.frame[r->frame];
	uint64_t      number = number_of(r);
	uint64_t      epoch = r->epoch;
	bool refund = (c->flags & PAGER_CHARGED) && (f->flags & FF_PAID) &&
	    epoch == mem.epoch;

	request_free(r);
	f->flags &= (uint16_t)~FF_IO_OUT;
	if (c->status != RC_OK) {
		log_line("pager: object %lx cannot be written: %u", number,
		    c->status);
		epoch_not_cleaned(f, epoch);
	} else if (f->use == USE_FROZEN) {
		f->flags = 0;
		frame_free(f);
	} else {
		f->flags &= (uint16_t) ~(FF_DIRTY | FF_PAID);
		age_add(f);
	}
	if (refund && c->status == RC_OK)
		epoch_refund();
	wait_wake(WAIT_IO, number);
	wait_wake(WAIT_MEMORY, 0);
}

static void
dropped(struct request *r, const struct pager_completion *c)
{
	uint64_t number = number_of(r);

	if (r->frame != NO_INDEX) {
		cleaned(r, c);
		return;
	}
	if (c->status != RC_OK) {
		r->again = true;
		if (pager.nagain++ == 0)
			clock_want(hal_clock_now() + again_ns);
		return;
	}
	if ((c->flags & PAGER_CHARGED) && r->epoch == mem.epoch)
		epoch_refund();
	request_free(r);
	wait_wake(WAIT_IO, number);
}

static void
barrier_done(struct request *r, const struct pager_completion *c)
{
	request_free(r);
	pager.barrier = false;
	if (c->status != RC_OK)
		log_line("pager: generation not committed: %u", c->status);
	epoch_committed(c->status == RC_OK);
}

/* --- Not asked for ------------------------------------------------------- */

static void
opened(const struct pager_completion *c)
{
	if (pager.open || c->epoch != mem.epoch || c->status != RC_OK ||
	    c->count > PAGER_RECORD_MAX) {
		log_line("pager: bad open");
		return;
	}
	mem.boot = (uint32_t)c->word[0];
	pager.open = true;
	pager.record_pages = c->count;
	pager.record_next = pager.record_open = 0;
	restart_begin(c->word[1], c->count);
	pager_fetch_record();
	if (c->count == 0)
		restart_end();
	wait_wake(WAIT_MEMORY, 0);
}

static void
credit(const struct pager_completion *c)
{
	if (c->epoch != mem.epoch) /* It crossed a snapshot; another comes. */
		return;
	pager.waiting = 0;
	if (pager.control->waiting != 0)
		pager.control->waiting = 0;
	epoch_credit_set(
	    c->credits, (uint32_t)c->word[0], (uint32_t)c->word[1]);
}

/* --- The ring ------------------------------------------------------------ */

static void
copy_entry(uint32_t n, struct pager_completion *out)
{
	uint32_t in_page = PAGE_SIZE / sizeof(*out);
	uint32_t i = n % PAGER_RING;
	uint32_t page = pager.page[1 + PAGER_RING_PAGES + i / in_page];
	const volatile uint64_t *from = (const volatile uint64_t *)frame_data(
					    &mem.frame[page]) +
	    i % in_page * (sizeof(*out) / sizeof(uint64_t));
	uint64_t word[sizeof(*out) / sizeof(uint64_t)];

	for (unsigned k = 0; k < sizeof(*out) / sizeof(uint64_t); k++)
		word[k] = from[k];
	memcpy(out, word, sizeof(*out));
}

/* The request that a completion ends, or NULL. */
static struct request *
request_of(const struct pager_completion *c)
{
	uint64_t        i = (c->tag & 0xff) - 1;
	struct request *r;

	if (i >= PAGER_OUTSTANDING)
		return NULL;
	r = &pager.request[i];
	if (r->tag != c->tag || r->tag == 0 || r->op != c->op ||
	    r->oid != c->oid || r->epoch != c->epoch || r->again)
		return NULL;
	if (r->exposure.way != EXPOSED_NOT || c->kind >= FK_COUNT ||
	    c->status >= RC_KERNEL_COUNT || (c->flags & ~PAGER_FLAGS_ALL))
		return NULL;
	return r;
}

static void
complete(struct request *r, const struct pager_completion *c)
{
	switch ((enum pager_op)r->op) {
	case PAGER_FETCH:
		if (frame_source(number_of(r)) == SOURCE_EPHEMERAL)
			record_fetched(r, c);
		else
			fetched(r, c);
		break;
	case PAGER_CLEAN:
		cleaned(r, c);
		break;
	case PAGER_DROP:
		dropped(r, c);
		break;
	case PAGER_BARRIER:
		barrier_done(r, c);
		break;
	case PAGER_STAT:
		stated(r, c);
		break;
	case PAGER_SNAPSHOT:
	case PAGER_NONE:
	case PAGER_OPEN:
	case PAGER_CREDIT:
	case PAGER_OP_COUNT:
		request_free(r);
		break;
	}
}

static void
take(const struct pager_completion *c)
{
	struct request *r;

	if (c->tag == 0 && c->op == PAGER_OPEN) {
		opened(c);
		return;
	}
	if (c->tag == 0 && c->op == PAGER_CREDIT) {
		credit(c);
		return;
	}
	r = request_of(c);
	if (r == NULL)
		log_line("pager: bad completion: op %u tag %lx status %u",
		    c->op, c->tag, c->status);
	else
		complete(r, c);
}

static uint32_t
cost_of(const struct pager_completion *c)
{
	if (frame_source(oid_frame((oid){c->oid})) == SOURCE_EPHEMERAL)
		return COST_MOST; /* Of the record. */
	if (c->kind == FK_FREE || c->kind == FK_ZERO)
		return COST_EMPTY;
	return c->kind == FK_NODE ? COST_NODE : COST_PAGE;
}

enum status
pager_kick(uint32_t *left)
{
	uint32_t head, n, cost = 0;

	if (!pager.bound)
		return RC_STATE;
	/* Orders the index before the entries that it publishes. */
	head = __atomic_load_n(
	    &pager.control->completion_head, __ATOMIC_ACQUIRE);
	n = head - pager.completion_tail;
	if (n > PAGER_RING) {
		log_line("pager: completion index %u is beyond the ring", head);
		return RC_ARGUMENT;
	}
	for (; n > 0 && cost < COST_MOST; n--) {
		struct pager_completion c;

		copy_entry(pager.completion_tail, &c);
		pager.completion_tail++;
		take(&c);
		cost += cost_of(&c);
	}
	*left = n;
	/* Orders the reading of entries before giving their places back. */
	__atomic_store_n(&pager.control->completion_tail, pager.completion_tail,
	    __ATOMIC_RELEASE);
	if (pager.open)
		clean_if_low();
	pager_bell();
	return RC_OK;
}
