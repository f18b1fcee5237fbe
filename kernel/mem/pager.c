/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to the store (S8).
 *
 *      free --request_take--> open --request_free--> free
 *                              |  ^ failed drop: sent again
 *                              +--+
 *
 * Invariants:
 *  1. Each open request has a tag that was never used before. At most
 *     PAGER_OUTSTANDING are open, and the last few are kept for SNAPSHOT and
 *     BARRIER, then for fetches.
 *  2. A frame with FF_IO_IN or FF_IO_OUT belongs to exactly one open request,
 *     and its `tag` is that request's index.
 *  3. At most one change (clean, drop) of an object is open, and no fetch
 *     while one is.
 *  4. The kernel believes nothing that the store wrote into the ring: it reads
 *     each word once and compares it with what it asked.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/object.h"
#include "kernel/mem/request.h"
#include "kernel/sched/wait.h"

enum {
	KEEP_CONTROL = 2, /* For SNAPSHOT and BARRIER. */
	KEEP_FETCH = 34,  /* Cleans leave so many. */
	KEEP_AHEAD = 96,  /* Fetches ahead leave so many. */
	AHEAD = 15,       /* Frames fetched ahead of a sequential reader. */
	TAG_BITS = 8,
};

struct pager          pager;
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

/* --- The ring ------------------------------------------------------------ */

static struct pager_request *
place(uint32_t n)
{
	uint32_t in_page = PAGE_SIZE / sizeof(struct pager_request);
	uint32_t i = n % PAGER_RING;
	uint32_t page = pager.page[1 + i / in_page];

	return (struct pager_request *)frame_data(&mem.frame[page]) +
	    i % in_page;
}

void
request_send(const struct request *r, const uint64_t word[3])
{
	struct pager_request e = {
	    .tag = r->tag,
	    .op = r->op,
	    .kind = r->kind,
	    .flags = r->flags,
	    .count = r->count,
	    .oid = r->oid,
	    .epoch = r->epoch,
	    .frame = r->frame == NO_INDEX ? 0 : r->frame,
	    .word = {word[0], word[1], word[2]},
	};

	*place(pager.request_head) = e;
	pager.request_head++;
	/* Orders the entry before the index that publishes it. */
	__atomic_store_n(
	    &pager.control->request_head, pager.request_head, __ATOMIC_RELEASE);
	pager.ring_it = true;
}

void
pager_bell(void)
{
	if (!pager.ring_it)
		return;
	pager.ring_it = false;
	pager.control->dirty = epoch_dirty()->count + epoch_frozen()->count;
	pager.doorbell();
}

struct request *
request_take(uint32_t leave)
{
	if (pager.nopen + leave >= PAGER_OUTSTANDING)
		return NULL;
	for (uint32_t i = 0; i < PAGER_OUTSTANDING; i++) {
		struct request *r = &pager.request[i];

		if (r->tag != 0)
			continue;
		*r = (struct request){
		    .tag = ++pager.generation << TAG_BITS | (i + 1),
		    .frame = NO_INDEX,
		    .epoch = mem.epoch,
		};
		pager.nopen++;
		return r;
	}
	return NULL;
}

void
request_free(struct request *r)
{
	assert(r->tag != 0 && r->exposure.way == EXPOSED_NOT);
	if (r->frame != NO_INDEX)
		mem.frame[r->frame].tag = NO_INDEX;
	if (r->op == PAGER_CLEAN || r->op == PAGER_DROP)
		pager.ncleaning--;
	r->tag = 0;
	pager.nopen--;
	if (pager.starved) {
		pager.starved = false;
		wait_wake(WAIT_MEMORY, 0);
	}
}

static enum status
wait_for_tag(void)
{
	pager.starved = true;
	return wait_on(WAIT_MEMORY, 0);
}

static bool
is_change(const struct request *r)
{
	return r->tag != 0 && (r->op == PAGER_CLEAN || r->op == PAGER_DROP);
}

bool
pager_changing(uint64_t number)
{
	uint64_t id = oid_make(number, OID_INDEX_FRAME).v;

	for (uint32_t i = 0; pager.ncleaning > 0 && i < PAGER_OUTSTANDING;
	     i++) {
		if (is_change(&pager.request[i]) && pager.request[i].oid == id)
			return true;
	}
	return false;
}

bool
pager_changes_in(uint64_t epoch)
{
	for (uint32_t i = 0; pager.ncleaning > 0 && i < PAGER_OUTSTANDING;
	     i++) {
		if (is_change(&pager.request[i]) &&
		    pager.request[i].epoch == epoch)
			return true;
	}
	return false;
}

/* --- Fetching ------------------------------------------------------------ */

/* Give a frame to a fetch of this number. The frame is ours already. */
static void
send_fetch(struct request *r, uint64_t number, struct frame *f, unsigned flags)
{
	f->kind = FK_COUNT;
	f->epoch = 0;
	f->flags = FF_IO_IN;
	f->tag = (uint32_t)(r - pager.request);
	r->op = PAGER_FETCH;
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
	f = frame_take(CLASS_ANY, USE_OBJECT, mem.nframes / 32);
	if (f == NULL) {
		request_free(r);
		return false;
	}
	frame_name(f, number);
	send_fetch(r, number, f, PAGER_AHEAD);
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
	for (unsigned i = 1; i <= AHEAD; i++) {
		if (!is_persistent(number + i) || !fetch_ahead(number + i))
			break;
		pager.last_fetch = number + i;
	}
}

enum status
pager_fetch(uint64_t number)
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
	st = frame_alloc_raw(CLASS_ANY, USE_OBJECT, &f);
	if (st != RC_OK)
		return st;
	r = request_take(KEEP_CONTROL);
	if (r == NULL) {
		frame_free(f);
		return wait_for_tag();
	}
	frame_name(f, number);
	send_fetch(r, number, f, 0);
	read_ahead(number);
	pager_bell();
	return wait_on(WAIT_FRAME, number);
}

void
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
		send_fetch(
		    r, oid_frame(pager_record_oid(pager.record_next)), f, 0);
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
	pager.ncleaning++;
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
pager_drop(uint64_t number)
{
	struct request *r = request_take(KEEP_FETCH);

	assert(r != NULL);
	epoch_credit_take();
	r->op = PAGER_DROP;
	r->kind = FK_FREE;
	r->oid = oid_make(number, OID_INDEX_FRAME).v;
	pager.ncleaning++;
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

/* Drops that the store could not do are asked again. */
static void
send_again(void)
{
	for (uint32_t i = 0; i < PAGER_OUTSTANDING; i++) {
		struct request *r = &pager.request[i];

		if (r->tag == 0 || !r->again)
			continue;
		r->again = false;
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

void
pager_credit_used(uint32_t used)
{
	uint32_t notify;

	if (!pager.bound)
		return;
	pager.control->credits_used = used;
	notify = __atomic_load_n(
	    &pager.control->credits_notify, __ATOMIC_RELAXED);
	if (used == notify && used > 0)
		pager.doorbell();
}

void
pager_credit_wanted(void)
{
	if (!pager.bound)
		return;
	pager.control->waiting = ++pager.waiting;
	pager.doorbell();
}
