/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's side of the pager's rings (kernel/abi/pager.h).
 */
#include "kernel/abi/cache.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/pager.stub.h"
#include "kernel/abi/process.stub.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/log.h"

void
pager_begin(void)
{
	uint8_t    *base = (uint8_t *)(uintptr_t)PLACE_PAGER;
	enum status st;

	guest.pager       = (void *)base;
	guest.requests    = (void *)(base + PAGE_SIZE);
	guest.completions = (void *)(base + PAGE_SIZE * (1 + PAGER_RING_PAGES));
	st                = node_get(REG_NODE, NODE_RING, REG_T0);
	if (st == RC_OK)
		st = process_make_notice(REG_PROCESS, NOTE_PAGER, REG_T1);
	if (st == RC_OK)
		st = cache_bind(REG_CACHE, PAGER_PAGES, REG_T0, REG_T1);
	if (st != RC_OK)
		log_printf("store: the pager cannot be bound: status %u",
		    (unsigned)st);
}

static bool
take_requests(void)
{
	uint32_t head = __atomic_load_n(
	    &guest.pager->request_head, __ATOMIC_ACQUIRE);
	bool moved = false;

	while (guest.request_tail != head) {
		struct pager_request r =
		    guest.requests[guest.request_tail % PAGER_RING];
		enum status st = store_request(guest.store, &r);

		if (st == RC_BUSY)
			break;
		if (st != RC_OK)
			log_printf("store: request %u of the kernel for %llx "
				   "is refused: status %u",
			    r.op, (unsigned long long)r.oid, (unsigned)st);
		guest.pages_in += r.op == PAGER_FETCH;
		guest.pages_out += r.op == PAGER_CLEAN;
		guest.request_tail++;
		moved = true;
	}
	/* Orders our reads of the entries before the tail. */
	__atomic_store_n(&guest.pager->request_tail, guest.request_tail,
	    __ATOMIC_RELEASE);
	return moved;
}

static bool
give_completions(void)
{
	struct pager_completion c;
	uint64_t                left;
	bool                    moved = false;

	while (store_next_completion(guest.store, &c)) {
		guest.completions[guest.completion_head % PAGER_RING] = c;
		guest.completion_head++;
		moved = true;
	}
	if (!moved)
		return false;
	/* Orders the entries before the head. */
	__atomic_store_n(&guest.pager->completion_head, guest.completion_head,
	    __ATOMIC_RELEASE);
	do {
		left = 0;
		ignore_status(pager_kick(REG_PAGER, &left));
	} while (left != 0);
	return true;
}

bool
pager_pump(void)
{
	bool moved;

	if (guest.store == NULL)
		return false;
	moved = take_requests();
	store_usage(guest.store,
	    __atomic_load_n(&guest.pager->epoch, __ATOMIC_ACQUIRE),
	    guest.pager->credits_used, guest.pager->waiting);
	return give_completions() || moved;
}
