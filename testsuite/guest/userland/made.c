/* SPDX-License-Identifier: BSD-2-Clause */
/* What constructors make: pipe, directory, record collection; the timer. */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/userland/services.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/directory.stub.h"
#include "userland/rt/idl/pipe.stub.h"
#include "userland/rt/idl/records.stub.h"
#include "userland/rt/idl/timer.stub.h"
#include "userland/rt/server.h"

enum {
	BANK_FRAMES = 400,
	MANY = 300,
	LONG_BYTES = 20000,
	BIT_TICK = 3,
};

static const uint64_t millisecond = 1000000;

static volatile bool done;
static volatile bool right;

bool
make(unsigned constructor, uint64_t want, const char *what)
{
	uint64_t holes = 99, product = 0;
	bool     made =
	    bank_sub_bank(REG_BANK, BANK_FRAMES, REG_SUB) == RC_OK &&
	    node_get(REG_NODE, constructor, REG_T0) == RC_OK &&
	    node_get(REG_NODE, NODE_SCHEDULE, REG_T1) == RC_OK &&
	    constructor_yield(REG_T0, REG_SUB, REG_T1, REG_THING) == RC_OK &&
	    constructor_branded(REG_T0, REG_THING, &product) == RC_OK &&
	    constructor_holes(REG_T0, &holes) == RC_OK;

	check(made && holes == want && product == 1, what);
	return made;
}

/* --- Pipe ------------------------------------------------------------------ */

/* Runs in a peer: read all, in odd pieces, and compare. */
static void
read_all(uint64_t unused)
{
	static uint8_t bytes[1000];
	size_t         n = 1;
	unsigned       seen = 0;
	bool           good = true;

	(void)unused;
	good &= node_get(REG_NODE, NODE_SPARE, REG_T0) == RC_OK;
	while (good && n > 0) {
		good = pipe_read(REG_T0, 700 + seen % 300, bytes,
			   sizeof(bytes), &n) == RC_OK;
		for (size_t i = 0; i < n; i++)
			good &= bytes[i] == (uint8_t)(seen + i);
		seen += (unsigned)n;
	}
	right = good && seen == LONG_BYTES;
	done = true;
}

static bool
write_all(void)
{
	static uint8_t bytes[PAGE_SIZE];
	unsigned       sent = 0;

	while (sent < LONG_BYTES) {
		uint64_t taken = 0;
		size_t   n = LONG_BYTES - sent;

		if (n > sizeof(bytes))
			n = sizeof(bytes);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(sent + i);
		if (pipe_write(REG_T2, bytes, n, &taken) != RC_OK)
			return false;
		sent += (unsigned)taken;
	}
	return true;
}

/* pipe.1: bytes go through, ends are apart, hanging up is seen. */
static void
pipes(void)
{
	uint64_t n = 0, readers = 9, closed = 9;
	size_t   got = 9;
	char     text[8];

	if (!make(NODE_PIPES, 0, "pipe.1: a pipe is made"))
		return;
	check(pipe_ends(REG_THING, REG_T1, REG_T2) == RC_OK &&
		pipe_write(REG_T1, "no", 2, &n) == RC_RIGHTS &&
		pipe_read(REG_T2, 1, text, sizeof(text), &got) == RC_RIGHTS &&
		pipe_ends(REG_T1, REG_T0, REG_T0) == RC_RIGHTS,
	    "pipe.1: it has two ends");
	check(pipe_write(REG_T2, "bytes", 5, &n) == RC_OK && n == 5 &&
		pipe_read(REG_T1, 3, text, sizeof(text), &got) == RC_OK &&
		got == 3 && memcmp(text, "byt", 3) == 0 &&
		pipe_read(REG_T1, 9, text, sizeof(text), &got) == RC_OK &&
		got == 2 && pipe_read(REG_T1, 0, text, 1, &got) == RC_ARGUMENT,
	    "pipe.1: what goes in comes out");
	put_aside(0, REG_T1);
	put_aside(1, REG_T2);
	done = right = false;
	check(peer_make(REG_SUB, read_all, 0, REG_T3) == RC_OK,
	    "pipe.1: a reader in another process");
	take_back(1, REG_T2);
	check(write_all() &&
		pipe_state(REG_T2, NULL, &readers, NULL, &closed) == RC_OK &&
		closed == 0 && pipe_hang_up(REG_T2) == RC_OK,
	    "pipe.1: more than fits is written, and hung up");
	check(wait_until(&done) && right, "pipe.1: all of it is read");
	take_back(1, REG_T2);
	check(pipe_write(REG_T2, "x", 1, &n) == RC_STATE,
	    "pipe.1: nothing can be written any more");
	check(destroyed(REG_SUB) &&
		pipe_write(REG_T2, "x", 1, &n) == RC_VOID,
	    "pipe.1: with its bank it is gone");
}

/* --- Directory and records ------------------------------------------------- */

static void
name_of(unsigned i, char *name)
{
	name[0] = 'n';
	name[1] = (char)('0' + i / 100);
	name[2] = (char)('0' + i / 10 % 10);
	name[3] = (char)('0' + i % 10);
}

/* directory.1: names for capabilities. */
static void
directories(void)
{
	bool   good = true;
	char   name[KEY_TEXT];
	size_t n = 0;

	if (!make(NODE_DIRECTORIES, 0, "directory.1: a directory is made"))
		return;
	check(directory_bind(REG_THING, REG_DISCRIM, "discrim", 7) == RC_OK &&
		directory_bind(REG_THING, REG_LOG, "discrim", 7) == RC_EXISTS &&
		directory_lookup(REG_THING, "discrim", 7, REG_T0) == RC_OK &&
		kind_of(REG_T0) == CK_DISCRIM &&
		directory_lookup(REG_THING, "discri", 6, REG_T0) ==
		    RC_NOT_FOUND,
	    "directory.1: a name leads to its capability");
	check(directory_rebind(REG_THING, REG_LOG, "discrim", 7) == RC_OK &&
		directory_lookup(REG_THING, "discrim", 7, REG_T0) == RC_OK &&
		kind_of(REG_T0) == CK_LOG &&
		directory_rebind(REG_THING, REG_LOG, "log", 3) == RC_NOT_FOUND,
	    "directory.1: or to another");
	check(directory_viewer(REG_THING, REG_T1) == RC_OK &&
		directory_lookup(REG_T1, "discrim", 7, REG_T0) == RC_OK &&
		directory_bind(REG_T1, REG_LOG, "x", 1) == RC_RIGHTS &&
		directory_unbind(REG_T1, "discrim", 7) == RC_RIGHTS,
	    "directory.1: a viewer changes nothing");
	check(directory_unbind(REG_THING, "discrim", 7) == RC_OK &&
		directory_unbind(REG_THING, "discrim", 7) == RC_NOT_FOUND,
	    "directory.1: a name is forgotten");
	for (unsigned i = MANY; i-- > 0;) {
		name_of(i, name);
		good &= directory_bind(REG_THING, REG_DISCRIM, name, 4) == RC_OK;
	}
	for (unsigned i = 0; i < MANY; i++) {
		char want[4];

		name_of(i, want);
		good &= directory_name(REG_THING, i, name, sizeof(name), &n) ==
			RC_OK &&
		    n == 4 && memcmp(name, want, 4) == 0;
	}
	check(good &&
		directory_name(REG_THING, MANY, name, sizeof(name), &n) ==
		    RC_NOT_FOUND,
	    "directory.1: 300 names are in order");
	check(destroyed(REG_SUB), "directory.1: its bank takes all back");
}

/* records.1: data and capabilities by sorted names. */
static void
collections(void)
{
	uint64_t is_cap = 9, count = 0;
	char     text[KEY_TEXT];
	size_t   n = 0;
	unsigned seen = 0;

	if (!make(NODE_RECORDS, 0, "records.1: a collection is made"))
		return;
	check(records_put(REG_THING, 3, "keydata", 7) == RC_OK &&
		records_get(REG_THING, "key", 3, text, sizeof(text), &n,
		    REG_T0, &is_cap) == RC_OK &&
		n == 4 && memcmp(text, "data", 4) == 0 && is_cap == 0 &&
		kind_of(REG_T0) == CK_VOID,
	    "records.1: data of a key");
	check(records_put_cap(REG_THING, REG_LOG, "key", 3) == RC_OK &&
		records_get(REG_THING, "key", 3, text, sizeof(text), &n,
		    REG_T0, &is_cap) == RC_OK &&
		n == 0 && is_cap == 1 && kind_of(REG_T0) == CK_LOG,
	    "records.1: or a capability");
	check(records_put(REG_THING, 0, "x", 1) == RC_ARGUMENT &&
		records_put(REG_THING, 64, "x", 1) == RC_ARGUMENT &&
		records_remove(REG_THING, "ke", 2) == RC_NOT_FOUND &&
		records_viewer(REG_THING, REG_T1) == RC_OK &&
		records_put(REG_T1, 1, "xy", 2) == RC_RIGHTS &&
		records_count(REG_T1, &count) == RC_OK && count == 1,
	    "records.1: bad requests are refused");
	for (unsigned i = 0; i < MANY; i++) {
		name_of((i * 7) % MANY, text);
		if (records_put(REG_THING, 4, text, 4) != RC_OK)
			break;
	}
	for (n = 0; records_next(REG_THING, text, n, text, sizeof(text), &n,
			&is_cap) == RC_OK;)
		seen++;
	check(seen == MANY + 1 && records_remove(REG_THING, "key", 3) == RC_OK &&
		records_count(REG_THING, &count) == RC_OK && count == MANY,
	    "records.1: 301 keys, each after the one before");
	check(destroyed(REG_SUB), "records.1: its bank takes all back");
}

/* --- Timer ----------------------------------------------------------------- */

static uint64_t
boot_ns(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	return now;
}

/* Become available until a notice comes; its bits. */
static uint64_t
next_notice(void)
{
	const struct server sv = {0};
	struct request      rq;

	server_wait(&sv, &rq);
	return rq.source == FROM_NOTICE ? rq.word[1] : 0;
}

/* timer.1: sleeping, notices, periods. */
static void
timers(void)
{
	uint64_t start = boot_ns(), count = 9;
	unsigned ticks = 0;

	if (node_get(REG_NODE, NODE_TIMER, REG_THING) != RC_OK)
		return;
	check(timer_sleep(REG_THING, 20 * millisecond) == RC_OK &&
		boot_ns() - start >= 20 * millisecond,
	    "timer.1: sleep answers when it is time");
	ignore_status(process_make_notice(REG_PROCESS, BIT_TICK, REG_T2));
	start = boot_ns();
	put_aside(0, REG_T2);
	check(timer_notify(REG_THING, 5 * millisecond, 5 * millisecond,
		  REG_T2) == RC_OK &&
		timer_notify(REG_THING, 1, 1, REG_T2) == RC_ARGUMENT &&
		timer_notify(REG_THING, 1, 0, REG_VCSK) == RC_CAPABILITY,
	    "timer.1: a notice is asked for");
	while (ticks < 4 && next_notice() == 1 << BIT_TICK)
		ticks++;
	check(ticks == 4 && boot_ns() - start >= 20 * millisecond,
	    "timer.1: it comes in every period");
	take_back(0, REG_T2);
	check(timer_waiting(REG_THING, &count) == RC_OK && count == 1 &&
		timer_cancel(REG_THING, REG_T2) == RC_OK &&
		timer_cancel(REG_THING, REG_T2) == RC_NOT_FOUND &&
		timer_waiting(REG_THING, &count) == RC_OK && count == 0,
	    "timer.1: until it is not wanted any more");
}

/* constructor.builder.1: a constructor made by the constructor of them. */
static void
made_constructor(void)
{
	uint64_t holes = 9, others = 9, discreet = 9, yes = 9;

	if (!make(NODE_CONSTRUCTORS, 1, "constructor.builder.1: one is made"))
		return;
	check(constructor_builder(REG_THING, REG_T2) == RC_OK &&
		constructor_builder(REG_THING, REG_T3) == RC_RIGHTS &&
		constructor_seal(REG_THING) == RC_RIGHTS,
	    "constructor.builder.1: the first who asks may build");
	check(node_get(REG_NODE, NODE_IMAGE, REG_T0) == RC_OK &&
		constructor_image(REG_T2, 24 * PAGE_SIZE, 2, REG_T0, "made",
		    4) == RC_OK &&
		node_get(REG_NODE, NODE_PIPES, REG_T0) == RC_OK &&
		constructor_insert(REG_T2, 8, REG_T0) == RC_OK &&
		constructor_insert(REG_T2, REG_CLOCK, REG_CLOCK) == RC_OK &&
		constructor_seal(REG_T2) == RC_OK &&
		constructor_holes(REG_THING, &holes) == RC_OK && holes == 1,
	    "constructor.builder.1: a discreet constructor is no hole");
	check(bank_node(REG_BANK, REG_T0) == RC_OK &&
		constructor_discreet(REG_THING, REG_T0, &discreet, &others) ==
		    RC_OK &&
		discreet == 0 && others == 1 &&
		node_swap(REG_T0, 9, REG_CLOCK, REG_VOID) == RC_OK &&
		constructor_discreet(REG_THING, REG_T0, &discreet, &others) ==
		    RC_OK &&
		discreet == 1 && others == 0 &&
		bank_free(REG_BANK, REG_T0) == RC_OK,
	    "constructor.discreet.1: a hole may be accepted");
	check(constructor_branded(REG_THING, REG_VCSK, &yes) == RC_OK &&
		yes == 0 &&
		constructor_yield(REG_THING, REG_VCSK, REG_T1, REG_T0) ==
		    RC_CAPABILITY,
	    "constructor.yield.4: a false bank is refused");
	check(destroyed(REG_SUB), "constructor.builder.1: it is gone");
}

void
test_made(void)
{
	pipes();
	directories();
	collections();
	timers();
	made_constructor();
}
