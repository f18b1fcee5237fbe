/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open requests, and the ring that they go to the store by.
 *
 *      free --request_take--> open --request_free--> free
 *                              |  ^ failed drop: sent again
 *                              +--+
 *
 * Invariants:
 *  1. Each open request has a tag that was never used before. At most
 *     PAGER_OUTSTANDING are open.
 *  2. A frame with FF_IO_IN or FF_IO_OUT belongs to exactly one open request,
 *     and its `tag` is that request's index.
 *  3. changing[b] counts the open changes of objects whose number ends in b;
 *     nothing below first_free is free.
 */
#include "kernel/mem/request.h"
#include "kernel/mem/cache.h"
#include "kernel/sched/wait.h"

enum { TAG_BITS = 8 };

struct pager pager;

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
	for (uint32_t i = pager.first_free; i < PAGER_OUTSTANDING; i++) {
		struct request *r = &pager.request[i];

		if (r->tag != 0)
			continue;
		pager.first_free = i + 1;
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

/* How many changes are open of objects that share a byte of their number. */
static uint8_t *
changing(uint64_t id)
{
	return &pager.changing[oid_frame((oid){id}) & 0xff];
}

void
request_note_change(const struct request *r)
{
	pager.ncleaning++;
	(*changing(r->oid))++;
}

void
request_free(struct request *r)
{
	assert(r->tag != 0 && r->exposure.way == EXPOSED_NOT);
	if (r->exposure.bounce != NULL) /* Of an expose that never ended. */
		frame_free(r->exposure.bounce);
	if (r->frame != NO_INDEX)
		mem.frame[r->frame].tag = NO_INDEX;
	if (r->op == PAGER_CLEAN || r->op == PAGER_DROP) {
		pager.ncleaning--;
		(*changing(r->oid))--;
	}
	if ((uint32_t)(r - pager.request) < pager.first_free)
		pager.first_free = (uint32_t)(r - pager.request);
	r->tag = 0;
	pager.nopen--;
	if (pager.starved) {
		pager.starved = false;
		wait_wake(WAIT_MEMORY, 0);
	}
}

enum status
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

	if (*changing(id) == 0)
		return false;
	for (uint32_t i = 0; i < PAGER_OUTSTANDING; i++) {
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
