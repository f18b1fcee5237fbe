/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client that means harm, or dies at the wrong time, does to others of
 * the same service: nothing.
 */
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/userland/services.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/directory.stub.h"
#include "userland/rt/idl/pipe.stub.h"
#include "userland/rt/idl/records.stub.h"
#include "userland/rt/idl/timer.stub.h"
#include "userland/rt/idl/vcsk.stub.h"
#include "userland/rt/wait.h"

enum {
	FULL = PAGE_SIZE,  /* Bytes in a pipe. */
	READERS = 16,      /* That can wait at an end of one. */
	SLEEPERS = 1100,   /* More than the timer has places for. */
	SO_MANY = 60,
	DEAD = 20,         /* Processes with so many notices each. */
	ORDERS = 24,       /* More than any service has. */
	INNER_FRAMES = 64,
	BIT_TICK = 4,
};

static const uint64_t hour = UINT64_C(3600000000000);

static volatile bool     done, after;
static volatile uint64_t got;

/* An order without words that nobody waits for. */
static void
only_send(capreg service, uint64_t order, uint64_t word)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, service),
	    .word = {order, word},
	};

	ant_invoke(&m);
}

/* --- Pipe ------------------------------------------------------------------ */

/* Runs in a peer: fill the pipe, and write on. */
static void
write_on(uint64_t unused)
{
	static uint8_t bytes[FULL];
	uint64_t       taken = 0;

	(void)unused;
	if (node_get(REG_NODE, NODE_SPARE + 1, REG_T0) == RC_OK &&
	    pipe_write(REG_T0, bytes, FULL, &taken) == RC_OK && taken == FULL)
		got = (uint64_t)pipe_write(REG_T0, bytes, 1, &taken);
	done = true;
}

/* Runs in a peer: wait for a byte. */
static void
read_one(uint64_t unused)
{
	uint8_t byte = 0;
	size_t  n = 0;

	(void)unused;
	if (node_get(REG_NODE, NODE_SPARE, REG_T0) == RC_OK &&
	    pipe_read(REG_T0, 1, &byte, 1, &n) == RC_OK && n == 1)
		got = byte;
	done = true;
}

/* Runs in a peer: what was made before it has run, or waits. */
static void
say_after(uint64_t unused)
{
	(void)unused;
	after = true;
}

static bool
until_waiting(bool writers)
{
	uint64_t n[2] = {0};

	for (unsigned i = 0; i < 500; i++) {
		if (pipe_state(REG_THING, NULL, &n[0], &n[1], NULL) != RC_OK)
			return false;
		if (n[writers] != 0)
			return true;
		(void)wait_for(10000000);
	}
	return false;
}

static bool
make_pipe(void)
{
	bool made = make(NODE_PIPES, 0, "hostile.pipe: a pipe is made") &&
	    pipe_ends(REG_THING, REG_T1, REG_T2) == RC_OK;

	put_aside(0, REG_T1);
	put_aside(1, REG_T2);
	return made;
}

/* hostile.pipe.1: who waits for room is told of it by the first byte read. */
static void
writer_is_told(void)
{
	uint8_t byte;
	size_t  n = 0;

	done = false;
	got = RC_BUSY;
	check(make_pipe() &&
		peer_make(REG_SUB, write_on, 0, REG_T3) == RC_OK &&
		until_waiting(true),
	    "hostile.pipe.1: a writer waits for room");
	check(pipe_read(REG_THING, 1, &byte, 1, &n) == RC_OK && n == 1 &&
		wait_until(&done) && got == RC_OK,
	    "hostile.pipe.1: a byte is read, the writer goes on");
	check(destroyed(REG_SUB), "hostile.pipe.1: it is gone");
}

/* hostile.pipe.2: who does not wait any more has no place in the queue. */
static void
dead_readers(void)
{
	uint64_t taken = 0;

	done = false;
	check(make_pipe() &&
		bank_sub_bank(REG_BANK, INNER_FRAMES, REG_T0) == RC_OK,
	    "hostile.pipe.2: a bank for who dies");
	put_aside(2, REG_T0);
	take_back(2, REG_T1);
	check(peer_make(REG_T1, read_one, 0, REG_T3) == RC_OK &&
		until_waiting(false),
	    "hostile.pipe.2: a reader waits");
	take_back(2, REG_T0);
	check(destroyed(REG_T0), "hostile.pipe.2: and is destroyed");
	for (unsigned i = 0; i < READERS; i++)
		only_send(REG_THING, PIPE_READ, 1);
	got = 0;
	after = false;
	check(peer_make(REG_SUB, read_one, 0, REG_T3) == RC_OK &&
		peer_make(REG_SUB, say_after, 0, REG_T3) == RC_OK &&
		wait_until(&after) && !done,
	    "hostile.pipe.2: there is a place for one who lives");
	check(pipe_write(REG_THING, "x", 1, &taken) == RC_OK && taken == 1 &&
		wait_until(&done) && got == 'x',
	    "hostile.pipe.2: who gets what is written");
	check(destroyed(REG_SUB), "hostile.pipe.2: it is gone");
}

/* --- Timer ----------------------------------------------------------------- */

/* hostile.timer.1: an order that nobody waits for takes no place. */
static void
nobody_sleeps(void)
{
	uint64_t count = 9;

	if (node_get(REG_NODE, NODE_TIMER, REG_THING) != RC_OK)
		return;
	for (unsigned i = 0; i < SLEEPERS; i++)
		only_send(REG_THING, TIMER_SLEEP, hour);
	check(timer_waiting(REG_THING, &count) == RC_OK && count == 0 &&
		timer_sleep(REG_THING, 1000) == RC_OK,
	    "hostile.timer.1: who does not wait has no place");
}

/* A process that never runs, with so many notices, and its end. */
static bool
die_with_notices(unsigned bits)
{
	bool good = bank_sub_bank(REG_BANK, INNER_FRAMES, REG_SUB) == RC_OK &&
	    bank_page(REG_SUB, REG_T0) == RC_OK &&
	    bank_node(REG_SUB, REG_T1) == RC_OK &&
	    node_make_process(REG_T1, REG_T0, REG_T1) == RC_OK;

	for (unsigned i = 0; good && i < bits; i++)
		good = process_make_notice(REG_T1, i, REG_T0) == RC_OK &&
		    timer_notify(REG_THING, hour, hour, REG_T0) == RC_OK;
	return good && destroyed(REG_SUB);
}

/* hostile.timer.2: the dead give their places back when they are wanted. */
static void
dead_notices(void)
{
	uint64_t count = UINT64_MAX;
	bool     good = true;

	for (unsigned i = 0; good && i < DEAD; i++)
		good = die_with_notices(SO_MANY);
	check(good && timer_sleep(REG_THING, 1000) == RC_OK &&
		timer_waiting(REG_THING, &count) == RC_OK &&
		count < DEAD * SO_MANY,
	    "hostile.timer.2: the notices of the dead make room");
}

/*
 * hostile.timer.3: a period that never ends, which comes to an end beyond what a
 * word holds, is not over at once again and again.
 */
static void
endless_period(void)
{
	uint64_t count = 9;
	bool     good;

	good = process_make_notice(REG_PROCESS, BIT_TICK, REG_T2) == RC_OK;
	put_aside(0, REG_T2);
	good &= timer_notify(REG_THING, 1, UINT64_MAX, REG_T2) == RC_OK;
	check(good && wait_for(2000000), "hostile.timer.3: an endless period");
	take_back(0, REG_T2);
	check(timer_waiting(REG_THING, &count) == RC_OK && count != 0 &&
		timer_cancel(REG_THING, REG_T2) == RC_OK,
	    "hostile.timer.3: leaves time to others");
}

/* Notices of living processes until the client has no place left. */
static enum status
fill_up(unsigned *made)
{
	enum status st = bank_sub_bank(REG_BANK, INNER_FRAMES, REG_SUB);

	for (*made = 0; st == RC_OK && *made < SLEEPERS;) {
		st = bank_page(REG_SUB, REG_T0);
		if (st == RC_OK)
			st = bank_node(REG_SUB, REG_T1);
		if (st == RC_OK)
			st = node_make_process(REG_T1, REG_T0, REG_T1);
		for (unsigned i = 0; st == RC_OK && i < SO_MANY; i++) {
			st = process_make_notice(REG_T1, i, REG_T0);
			if (st == RC_OK)
				st = timer_notify(
				    REG_THING, hour, hour, REG_T0);
			*made += st == RC_OK;
		}
	}
	return st;
}

/*
 * hostile.timer.4: who takes all that he can get is one client, and leaves
 * places to others; when he has left he has nothing, and they have all.
 */
static void
one_client(void)
{
	uint64_t number = 0, before = 0, count = 0;
	unsigned made = 0;

	check(node_get(REG_NODE, NODE_TIMER, REG_T2) == RC_OK &&
		timer_waiting(REG_T2, &before) == RC_OK &&
		timer_client(REG_T2, REG_THING, &number) == RC_OK,
	    "hostile.timer.4: a client has a handle");
	check(fill_up(&made) == RC_LIMIT && made == 256 &&
		timer_waiting(REG_THING, &count) == RC_OK && count == made,
	    "hostile.timer.4: one client cannot take all");
	check(timer_client(REG_THING, REG_T3, NULL) == RC_RIGHTS &&
		timer_leave(REG_THING, number) == RC_RIGHTS,
	    "hostile.timer.4: nor be another");
	check(timer_sleep(REG_T2, 1000) == RC_OK &&
		timer_leave(REG_T2, number) == RC_OK &&
		timer_leave(REG_T2, number) == RC_NOT_FOUND &&
		timer_waiting(REG_T2, &count) == RC_OK && count <= before &&
		timer_waiting(REG_THING, &count) == RC_VOID,
	    "hostile.timer.4: what has left has nothing");
	check(destroyed(REG_SUB), "hostile.timer.4: it is gone");
}

/* --- Bank ------------------------------------------------------------------ */

/* hostile.bank.1: no bank can use up the numbers that all share. */
static void
numbers_are_shared(void)
{
	uint64_t    remaining = 1;
	unsigned    made = 0;
	enum status st;

	check(bank_sub_bank(REG_BANK, INNER_FRAMES, REG_SUB) == RC_OK,
	    "hostile.bank.1: a bank for who wants many");
	while (bank_sub_bank(REG_SUB, 1, REG_T0) == RC_OK)
		made++;
	check(made > 16 && bank_sub_bank(REG_SUB, 1, REG_T0) == RC_LIMIT,
	    "hostile.bank.1: it gets some");
	check(bank_sub_bank(REG_BANK, INNER_FRAMES, REG_T0) == RC_OK &&
		bank_sub_bank(REG_T0, 1, REG_T1) == RC_OK &&
		destroyed(REG_T0),
	    "hostile.bank.1: others get theirs as before");
	do
		st = bank_destroy(REG_SUB, &remaining);
	while (st == RC_OK && remaining > 0);
	check(st == RC_OK, "hostile.bank.1: it is gone");
}

/* --- Everybody ------------------------------------------------------------- */

void
nonsense(capreg service)
{
	static const capreg   thing[] = {REG_VOID, REG_LOG, REG_T0, REG_T1,
	      REG_NODE};
	static const uint64_t word[] = {0, 1, UINT64_MAX, INT64_MAX};
	static const size_t   bytes[] = {0, 1, 64, FULL};
	static uint8_t        text[FULL];

	for (unsigned i = 0; i < ORDERS * 20; i++) {
		struct message m = {
		    .control = control_make(INVOKE_SEND, service) |
			CONTROL_SEND(0, thing[i % 5]) |
			CONTROL_SEND(1, thing[i / 3 % 5]) |
			CONTROL_SEND(3, thing[i / 7 % 3]),
		    .word = {i / 20, word[i % 4], word[i / 2 % 4],
			word[i / 4 % 4], word[i / 8 % 4]},
		    .send = text,
		    .send_bytes = (uint32_t)bytes[i / 5 % 4],
		};

		ant_invoke(&m);
	}
}

/* A start capability of ours, which nobody is served by, and a page. */
static void
make_traps(void)
{
	check(process_make_start(REG_PROCESS, 0, REG_T0) == RC_OK &&
		bank_page(REG_BANK, REG_T1) == RC_OK,
	    "hostile.nonsense.1: a server that never answers, and a page");
}

/* hostile.nonsense.1: a service answers after whatever it was asked. */
static void
ask_nonsense(void)
{
	uint64_t count = 9, holes = 9;
	char     name[KEY_TEXT];

	make_traps();
	check(bank_sub_bank(REG_BANK, INNER_FRAMES, REG_SUB) == RC_OK,
	    "hostile.nonsense.1: a bank");
	nonsense(REG_SUB);
	nonsense(REG_VCSK);
	ignore_status(node_get(REG_NODE, NODE_TIMER, REG_THING));
	nonsense(REG_THING);
	check(timer_waiting(REG_THING, &count) == RC_OK,
	    "hostile.nonsense.1: the timer answers");
	ignore_status(node_get(REG_NODE, NODE_CONSTRUCTORS, REG_THING));
	nonsense(REG_THING);
	check(constructor_holes(REG_THING, &holes) == RC_OK && holes == 1,
	    "hostile.nonsense.1: the constructor of constructors answers");
	check(bank_number(REG_BANK, &count) == RC_OK,
	    "hostile.nonsense.1: the bank answers");
	ignore_status(bank_free(REG_BANK, REG_T1));
	while (bank_destroy(REG_SUB, &count) == RC_OK && count > 0)
		;
	if (!make(NODE_DIRECTORIES, 0, "hostile.nonsense.1: a directory"))
		return;
	make_traps();
	nonsense(REG_THING);
	ignore_status(bank_free(REG_BANK, REG_T1));
	check(directory_bind(REG_THING, REG_LOG, "a", 1) == RC_OK &&
		directory_name(REG_THING, 0, name, sizeof(name), NULL) ==
		    RC_OK,
	    "hostile.nonsense.1: a directory answers");
	check(destroyed(REG_SUB), "hostile.nonsense.1: it is gone");
}

/*
 * hostile.answer.1: an answer into memory whose keeper never answers does not
 * hold the service up.
 */
static void
answer_into_a_trap(void)
{
	char  *trap = space_address(SLOT_REGION);
	size_t n = 9;

	if (!make(NODE_DIRECTORIES, 0, "hostile.answer.1: a directory"))
		return;
	check(bank_node(REG_SUB, REG_T1) == RC_OK &&
		node_make_guard(REG_T1, 17, REG_T1) == RC_OK &&
		process_make_start(REG_PROCESS, 0, REG_T0) == RC_OK &&
		guard_swap(REG_T1, 1, REG_T0, REG_VOID) == RC_OK &&
		space_map(SLOT_REGION, REG_T1) == RC_OK,
	    "hostile.answer.1: memory with a keeper that never answers");
	check(directory_bind(REG_THING, REG_LOG, "name", 4) == RC_OK &&
		directory_name(REG_THING, 0, trap, 63, &n) == RC_OK && n == 0,
	    "hostile.answer.1: what does not fit is cut off");
	check(space_map(SLOT_REGION, REG_VOID) == RC_OK &&
		destroyed(REG_SUB),
	    "hostile.answer.1: it is gone");
}

/* hostile.vcsk.1: an original that contains itself, and one that dies. */
static void
odd_originals(void)
{
	const char *text = space_address(SLOT_COPY);
	bool        good;

	good = bank_sub_bank(REG_BANK, 200, REG_SUB) == RC_OK &&
	    bank_node(REG_SUB, REG_THING) == RC_OK &&
	    node_segment(REG_THING, 22, REG_THING) == RC_OK;
	for (unsigned i = 0; good && i < NODE_SLOTS; i++)
		good = node_swap(REG_THING, i, REG_THING, REG_VOID) == RC_OK;
	check(good &&
		vcsk_make(REG_VCSK, 27, REG_SUB, REG_THING, REG_T0) == RC_OK &&
		space_map(SLOT_COPY, REG_T0) == RC_OK && text[5] == 0 &&
		text[4000000] == 0 && text[100000000] == 0,
	    "hostile.vcsk.1: an original in itself has no pages");
	check(bank_free(REG_SUB, REG_THING) == RC_OK && text[5] == 0 &&
		text[8000000] == 0,
	    "hostile.vcsk.1: one that died has none any more");
	check(space_map(SLOT_COPY, REG_VOID) == RC_OK && destroyed(REG_SUB),
	    "hostile.vcsk.1: they are gone");
}

/* --- Who harms himself ---------------------------------------------------- */

/* Runs in a peer: fault, in a way that depends on the number. */
static void
harm_oneself(uint64_t way)
{
	volatile char *nowhere = space_address(SLOT_REGION);

	ignore_status(process_make_start(REG_PROCESS, 0, REG_T0));
	switch (way) {
	case 0: /* Its own keeper. */
		ignore_status(process_swap(
		    REG_PROCESS, SLOT_KEEPER, REG_T0, REG_VOID));
		break;
	case 1: /* The keeper of memory that it touches. */
		ignore_status(bank_node(REG_BANK, REG_T1));
		ignore_status(node_make_guard(REG_T1, 17, REG_T1));
		ignore_status(guard_swap(REG_T1, 1, REG_T0, REG_VOID));
		ignore_status(guard_swap(REG_T1, 0, REG_T1, REG_VOID));
		ignore_status(space_map(SLOT_REGION, REG_T1));
		break;
	case 2: /* A space in itself, without an end. */
		ignore_status(process_get(REG_PROCESS, SLOT_SPACE, REG_T0));
		ignore_status(space_map(SLOT_REGION, REG_T0));
		break;
	case 3: /* No space. */
		done = true;
		ignore_status(process_swap(
		    REG_PROCESS, SLOT_SPACE, REG_VOID, REG_VOID));
		break;
	case 4: /* No more bank, in which it lives. */
		done = true;
		ignore_status(bank_destroy(REG_BANK, NULL));
		break;
	default: /* Nothing that it holds but that. */
		ignore_status(bank_free(REG_BANK, REG_PROCESS));
		break;
	}
	done = true;
	*nowhere = 1;
}

/* hostile.self.1: whoever turns his capabilities against himself is alone. */
static void
harm(void)
{
	bool good = true;

	for (unsigned way = 0; way < 6; way++) {
		uint64_t remaining = 1;

		done = after = false;
		good &= bank_sub_bank(REG_BANK, INNER_FRAMES, REG_SUB) == RC_OK &&
		    peer_make(REG_SUB, harm_oneself, way, REG_T3) == RC_OK &&
		    bank_sub_bank(REG_BANK, INNER_FRAMES, REG_THING) == RC_OK &&
		    peer_make(REG_THING, say_after, 0, REG_T3) == RC_OK &&
		    wait_until(&after) && (done || way == 5);
		do
			if (bank_destroy(REG_SUB, &remaining) != RC_OK)
				break;
		while (remaining > 0);
		good &= kind_of(REG_SUB) == CK_START && destroyed(REG_THING);
	}
	check(good, "hostile.self.1: who harms himself harms nobody else");
}

void
test_hostile(void)
{
	writer_is_told();
	dead_readers();
	nobody_sleeps();
	dead_notices();
	endless_period();
	one_client();
	numbers_are_shared();
	ask_nonsense();
	answer_into_a_trap();
	odd_originals();
	harm();
}
