/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel asks of the store, and when (S8).
 *
 * Invariants:
 *  1. SNAPSHOT and BARRIER always find a free request; then fetches, then
 *     cleans, then what is only fetched ahead.
 *  2. At most one change (clean, drop) of an object is open, and no fetch
 *     while one is.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/object.h"
#include "kernel/mem/request.h"
#include "kernel/hal/hal.h"
#include "kernel/sched/clock.h"
#include "kernel/sched/wait.h"

enum {
	KEEP_CONTROL = 2, /* For SNAPSHOT and BARRIER. */
	KEEP_FETCH = 34,  /* Cleans leave so many. */
	KEEP_AHEAD = 96,  /* Fetches ahead leave so many, */
	LEAVE_AHEAD = 32, /* and so many free frames. */
	AHEAD = 15,       /* Frames fetched ahead of a sequential reader. */
};

static const uint64_t no_words[3];

void
pager_init(void)
{
	memset(&pager, 0, sizeof(pager));
	pager.last_fetch = FRAME_NONE;
}

bool
pager_bound(void)
{
	return pager.bound;
}

bool
pager_open(void)
{
	return pager.open;
}

bool
pager_restarted(void)
{
	return pager.open && pager.record_open == 0 &&
	    pager.record_next == pager.record_pages;
}

bool
pager_may_free(void)
{
	return pager.open &&
	    (pager.nopen > 0 ||
		epoch_dirty()->count + epoch_frozen()->count > 0);
}

enum status
pager_bind(const uint32_t *ring, uint32_t npages, void (*doorbell)(void))
{
	if (pager.bound)
		return RC_STATE;
	if (npages != PAGER_PAGES)
		return RC_ARGUMENT;
	memcpy(pager.page, ring, sizeof(pager.page));
	pager.control = frame_data(&mem.frame[ring[0]]);
	memset(pager.control, 0, sizeof(*pager.control));
	pager.control->epoch = mem.epoch;
	pager.doorbell = doorbell;
	pager.bound = true;
	return RC_OK;
}

/* --- Fetching ------------------------------------------------------------ */

/* Give a frame to a fetch of this number. The frame is ours already. */
static void
send_fetch(struct request *r, enum pager_op op, uint64_t number,
    struct frame *f, unsigned flags)
{
	f->kind = FK_COUNT;
	f->epoch = 0;
	f->flags = FF_IO_IN;
	f->tag = (uint32_t)(r - pager.request);
	r->op = (uint8_t)op;
	r->oid = oid_make(number, OID_INDEX_FRAME).v;
	r->flags = (uint16_t)flags;
	r->frame = frame_index(f);
	request_send(r, no_words);
	mem_counters.fetches++;
}

static bool
fetch_ahead(uint64_t number)
{
	struct request *r;
	struct frame   *f;

	if (frame_find(number) != NULL || pager_changing(number))
		return false;
	r = request_take(KEEP_AHEAD);
	if (r == NULL)
		return false;
	f = frame_take(CLASS_ANY, USE_OBJECT, LEAVE_AHEAD);
	if (f == NULL) {
		request_free(r);
		return false;
	}
	frame_name(f, number);
	send_fetch(r, PAGER_FETCH, number, f, PAGER_AHEAD);
	return true;
}

/* Who reads on where the last fetch left off will read on. */
static void
read_ahead(uint64_t number)
{
	uint64_t last = pager.last_fetch;

	pager.last_fetch = number;
	if (number <= last || number - last > AHEAD + 1)
		return;
	if (frame_free_count() <= LEAVE_AHEAD + AHEAD)
		(void)age_evict(CLASS_ANY);
	for (unsigned i = 1; i <= AHEAD; i++) {
		if (!is_persistent(number + i) || !fetch_ahead(number + i))
			break;
		pager.last_fetch = number + i;
	}
}

/* Ask for an absent object, or for its count alone, and wait. */
static enum status
ask(enum pager_op op, uint64_t number)
{
	struct request *r;
	struct frame   *f = NULL;
	enum status     st = wait_on(WAIT_FRAME, number);

	if (st != ST_WAIT) /* A resident process: it may not (F5). */
		return st;
	if (!pager.open)
		return wait_on(WAIT_MEMORY, 0);
	if (pager_changing(number))
		return wait_on(WAIT_IO, number);
	/* Before the frame: one that is freed again would wake all who wait. */
	r = request_take(KEEP_CONTROL);
	if (r == NULL)
		return wait_for_tag();
	st = frame_alloc_raw(CLASS_ANY, USE_OBJECT, &f);
	if (st != RC_OK) {
		request_free(r);
		/* What nobody can free now, somebody may later. */
		return st == RC_NO_MEMORY ? wait_on(WAIT_MEMORY, 0) : st;
	}
	frame_name(f, number);
	frame_hold(f); /* The token keeps it when it has come (S12). */
	send_fetch(r, op, number, f, 0);
	if (op == PAGER_FETCH)
		read_ahead(number);
	pager_bell();
	return wait_on(WAIT_FRAME, number);
}

enum status
pager_fetch(uint64_t number)
{
	return ask(PAGER_FETCH, number);
}

enum status
pager_stat(uint64_t number)
{
	return ask(PAGER_STAT, number);
}

void
pager_fetch_stated(struct frame *f, uint32_t count)
{
	struct request *r = request_take(0);

	assert(r != NULL); /* That of the count was freed. */
	send_fetch(r, PAGER_FETCH, f->number, f, 0);
	r->kind = FK_STATE;
	r->count = count;
}

__attribute__((cold)) void
pager_fetch_record(void)
{
	while (pager.record_next < pager.record_pages) {
		struct request *r = request_take(KEEP_FETCH);
		struct frame   *f;

		if (r == NULL)
			break;
		f = frame_take(CLASS_ANY, USE_BOUNCE, 0);
		if (f == NULL) {
			request_free(r);
			break;
		}
		send_fetch(r, PAGER_FETCH,
		    oid_frame(pager_record_oid(pager.record_next)), f, 0);
		pager.record_next++;
		pager.record_open++;
	}
	pager_bell();
}

/* --- Changing ------------------------------------------------------------ */

uint32_t
pager_clean_room(void)
{
	uint32_t used = pager.nopen + KEEP_FETCH;

	return used < PAGER_OUTSTANDING ? PAGER_OUTSTANDING - used : 0;
}

uint32_t
pager_cleaning(void)
{
	return pager.ncleaning;
}

void
pager_clean(struct frame *f, enum frame_kind kind, uint64_t epoch)
{
	struct request *r = request_take(KEEP_CONTROL);

	assert(r != NULL); /* pager_clean_room was asked. */
	f->tag = (uint32_t)(r - pager.request);
	r->op = kind == FK_FREE ? PAGER_DROP : PAGER_CLEAN;
	r->kind = (uint8_t)kind;
	r->oid = oid_make(frame_content(f), OID_INDEX_FRAME).v;
	r->epoch = epoch;
	r->count = f->count;
	r->frame = frame_index(f);
	request_note_change(r);
	request_send(r, no_words);
	mem_counters.cleans++;
}

enum status
pager_drop_prepare(uint64_t number)
{
	if (!pager.open)
		return wait_on(WAIT_MEMORY, 0);
	if (pager_changing(number))
		return wait_on(WAIT_IO, number);
	if (pager.nopen + KEEP_FETCH >= PAGER_OUTSTANDING)
		return wait_for_tag();
	return epoch_credit_ready();
}

void
pager_drop(uint64_t number, uint32_t count)
{
	struct request *r = request_take(KEEP_FETCH);

	assert(r != NULL);
	epoch_credit_take();
	r->op = PAGER_DROP;
	r->kind = FK_FREE;
	r->count = count;
	r->oid = oid_make(number, OID_INDEX_FRAME).v;
	request_note_change(r);
	request_send(r, no_words);
	pager_bell();
}

void
pager_snapshot(uint64_t epoch, uint64_t call_number, uint32_t nrecord)
{
	struct request *r = request_take(0);
	const uint64_t  word[3] = {call_number, nrecord,
	     hal_wall_at_entry() + hal_clock_now() / 1000000000};

	assert(r != NULL);
	r->op = PAGER_SNAPSHOT;
	r->epoch = epoch;
	pager.control->epoch = mem.epoch;
	request_send(r, word);
}

void
pager_barrier(uint64_t epoch)
{
	struct request *r;

	if (pager.barrier)
		return;
	r = request_take(0);
	assert(r != NULL);
	pager.barrier = true;
	r->op = PAGER_BARRIER;
	r->epoch = epoch;
	request_send(r, no_words);
	pager_bell();
}

/* --- The rest ------------------------------------------------------------ */

/*
 * Drops that the store could not do are asked again after a while: a disk that
 * fails would otherwise keep the store busy, and others from it.
 */
static void
send_again(void)
{
	if (pager.nagain == 0 || clock_wanted() > hal_clock_now())
		return;
	clock_want(UINT64_MAX);
	for (uint32_t i = 0; pager.nagain > 0 && i < PAGER_OUTSTANDING; i++) {
		struct request *r = &pager.request[i];

		if (r->tag == 0 || !r->again)
			continue;
		r->again = false;
		pager.nagain--;
		request_send(r, no_words);
	}
}

void
pager_poll(void)
{
	if (!pager.open)
		return;
	send_again();
	clean_if_low();
	pager_bell();
}

/* Rings once when the threshold is reached, again if that is set anew. */
void
pager_credit_used(uint32_t used)
{
	uint32_t notify;

	if (!pager.bound)
		return;
	pager.control->credits_used = used;
	notify = __atomic_load_n(
	    &pager.control->credits_notify, __ATOMIC_RELAXED);
	if (used < notify) {
		pager.notified = 0;
	} else if (notify > 0 && pager.notified != notify) {
		pager.notified = notify;
		pager.doorbell();
	}
}

void
pager_credit_wanted(void)
{
	if (!pager.bound)
		return;
	pager.control->waiting = ++pager.waiting;
	pager.doorbell();
}
