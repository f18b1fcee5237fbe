/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain that stands in for memory, load by load (D4), and its client, which
 * checks each value: a program that is pushed, run with log and clock, and cut
 * off. It says what it has come to:
 *
 *     loans: DONE accesses, WRONG wrong, TOLD told, AGAIN again
 *
 * AGAIN are faults that tell of a page that had been lent for the very same
 * access. Nothing but a restart of the machine takes a loan away, so each of
 * these is a loan that a power cut has hit. The keeper thinks before it
 * answers where the access holds a loan already, and seldom elsewhere.
 *
 * What a load gives depends on the access, by its number: a page that is left
 * from an earlier one gives something else.
 */
#include <stdint.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/server.h"
#include "userland/rt/space.h"
#include "userland/rt/wait.h"

enum {
	REG_FAULT = REG_DISCRIM,  /* The fault that is thought about. */
	REG_LOADS = REG_OWN,      /* Two pages that are lent to loads, */
	REG_STORES = REG_OWN + 2, /* and two that keep what is stored. */
	PAGES = 4,

	SEGMENT_SLOT = 1,
	STORES = 64,   /* Their first page in the segment; even. */
	COUNTER = 512, /* In the first of them. */

	TOLD_MOST = 8, /* More than one access needs. */
	EVERY = 16,
	MS = 1000000,
};

/* The client's; the keeper reads the first three. */
static volatile struct {
	uint64_t access; /* The number of the one that is under way. */
	uint64_t done, wrong;
	uint64_t added;
} client;

/* What was told of one access. */
static struct {
	uint64_t access, told, again, said;
	unsigned pages;
	struct {
		uint64_t page, kind;
	} page[TOLD_MOST];
} keeper;

/* --- The client ----------------------------------------------------------- */

static uint8_t
byte_at(uint64_t access, uint64_t offset)
{
	return (uint8_t)((offset * 2654435761u + access * 40503u) >> 13);
}

static uint64_t
value_at(uint64_t access, uint64_t offset)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | byte_at(access, offset + i);
	return v;
}

static volatile uint64_t *
at(uint64_t offset)
{
	return (
	    volatile uint64_t *)(void *)((char *)space_address(SEGMENT_SLOT) +
	    offset);
}

static void
is(uint64_t value, uint64_t wanted)
{
	client.wrong += value != wanted;
	client.done++;
}

static uint64_t
load(uint64_t offset)
{
	client.access++;
	return *at(offset);
}

/* Four pages at once: across the ends of two, to across those of two others. */
static void
move(uint64_t from, uint64_t to)
{
	volatile uint64_t *source = at(from), *target = at(to);

	client.access++;
	__asm__ volatile("movsq" : "+S"(source), "+D"(target) : : "memory");
	client.done++;
}

static void
add(uint64_t offset)
{
	client.access++;
	__asm__ volatile("lock incq %0" : "+m"(*at(offset)));
	client.added++;
	client.done++;
}

static _Noreturn void
client_main(void)
{
	const uint64_t target = (STORES + 1) * PAGE_SIZE - 3;

	for (uint64_t n = 0;; n++) {
		const uint64_t page = n % STORES * PAGE_SIZE;
		const uint64_t edge = (1 + n % (STORES - 2)) * PAGE_SIZE - 5;
		uint64_t       v;

		v = load(page + 8 * (n % 500));
		is(v, value_at(client.access, page + 8 * (n % 500)));
		v = load(edge);
		is(v, value_at(client.access, edge));
		move(edge, target);
		v = value_at(client.access, edge);
		is(load(target), v);
		add(STORES * PAGE_SIZE + COUNTER);
		is(load(STORES * PAGE_SIZE + COUNTER), client.added);
	}
}

/* --- Its keeper ----------------------------------------------------------- */

/* Is this page told again for the access that is under way? */
static bool
told_again(uint64_t page, uint64_t kind)
{
	if (keeper.access != client.access) {
		keeper.access = client.access;
		keeper.pages = 0;
	}
	for (unsigned i = 0; i < keeper.pages; i++)
		if (keeper.page[i].page == page && keeper.page[i].kind == kind)
			return true;
	if (keeper.pages < TOLD_MOST) {
		keeper.page[keeper.pages].page = page;
		keeper.page[keeper.pages++].kind = kind;
	}
	return false;
}

/* Pages that an access needs together differ in their lowest bit. */
static capreg
page_for(uint64_t page)
{
	static uint8_t bytes[PAGE_SIZE];
	capreg         reg = REG_LOADS + page % 2;

	if (page >= STORES)
		return REG_STORES + page % 2;
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		bytes[i] = byte_at(client.access, page * PAGE_SIZE + i);
	return page_write(reg, 0, bytes, sizeof(bytes)) == RC_OK ? reg
								 : REG_VOID;
}

static void
say(void)
{
	if (client.done < keeper.said + EVERY)
		return;
	keeper.said = client.done;
	log_printf("loans: %lu accesses, %lu wrong, %lu told, %lu again\n",
	    client.done, client.wrong, keeper.told, keeper.again);
}

/* Go on for a while with a loan that has not been used yet. */
static void
spin(uint64_t nanoseconds)
{
	uint64_t start = 0, now = 0;

	ignore_status(clock_now(REG_CLOCK, &start, NULL, NULL));
	do
		if (clock_now(REG_CLOCK, &now, NULL, NULL) != RC_OK)
			return;
	while (now - start < nanoseconds && now >= start);
}

static void
stand_in(struct request *rq)
{
	const uint64_t page = rq->word[2] / PAGE_SIZE, kind = rq->word[3];

	keeper.told++;
	keeper.again += told_again(page, kind);
	if (request_keep(rq, REG_FAULT) != RC_OK)
		return;
	say();
	/* A restart ends this wait, and the answer is due all the same. */
	if (keeper.pages > 1 || keeper.access % 8 == 0)
		(void)wait_for(16 * MS);
	server_answer(REG_FAULT, (enum status)RESTART_LEND, NULL, NULL, 0,
	    page_for(page));
	if (keeper.access % 8 == 1)
		spin(4 * MS);
}

/* --- How they come to be -------------------------------------------------- */

/* A segment of which no page exists: REG_T0. */
static enum status
make_segment(void)
{
	enum status st = bank_node(REG_BANK, REG_T0);

	if (st == RC_OK)
		st = node_make_guard(REG_T0, SPACE_SLOT_SHIFT, REG_T0);
	if (st == RC_OK)
		st = process_make_start(REG_PROCESS, 0, REG_T1);
	if (st == RC_OK)
		st = guard_swap(REG_T0, 1, REG_T1, REG_VOID);
	if (st == RC_OK)
		st = guard_restrict(REG_T0, CR_OPAQUE, REG_T0);
	for (unsigned i = 0; st == RC_OK && i < PAGES; i++)
		st = bank_page(REG_BANK, (capreg)(REG_LOADS + i));
	return st == RC_OK ? space_map(SEGMENT_SLOT, REG_T0) : st;
}

/* One thing of ours is also that of the process in REG_T2. */
static enum status
share(unsigned slot)
{
	enum status st = process_get(REG_PROCESS, slot, REG_T0);

	return st == RC_OK ? process_swap(REG_T2, slot, REG_T0, REG_VOID) : st;
}

/* Another process in this address space, without any capability. */
static enum status
start_client(void)
{
	static char               stack[PAGE_SIZE] __attribute__((aligned(16)));
	const struct register_set regs = {
	    .regs.rip = (uintptr_t)client_main,
	    .regs.rsp = (uintptr_t)(stack + sizeof(stack) - 8),
	};
	enum status st = bank_node(REG_BANK, REG_T0);

	if (st == RC_OK)
		st = bank_page(REG_BANK, REG_T1);
	if (st == RC_OK)
		st = node_make_process(REG_T0, REG_T1, REG_T2);
	if (st == RC_OK)
		st = process_name(REG_T2, "loan-client", 11);
	if (st == RC_OK)
		st = share(SLOT_SPACE);
	if (st == RC_OK)
		st = share(SLOT_SCHEDULE);
	if (st == RC_OK)
		st = process_set_registers(REG_T2, &regs, sizeof(regs));
	return st == RC_OK ? process_start(REG_T2) : st;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;
	enum status         st = make_segment();

	if (st == RC_OK)
		st = start_client();
	if (st != RC_OK) {
		log_printf("loans: cannot begin: %d\n", (int)st);
		return 1;
	}
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.word[0] == KEEPER_SEGMENT)
			stand_in(&rq);
		else
			rq.status = RC_ORDER;
		server_next(&sv, &rq);
	}
}
