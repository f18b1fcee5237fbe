/* SPDX-License-Identifier: BSD-2-Clause */
/* Which figures, on which machine; and what they share. */
#include "testsuite/bench/system/domain.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/console.stub.h"
#include "userland/rt/idl/store.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/idl/vcsk.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/retry.h"
#include "userland/rt/wait.h"

enum {
	NOTES = 32,
	LARGE_FRAMES = 100000, /* More memory than this: the large machine. */
};

static const uint64_t settle_ns = 500000000;

static struct {
	const char *name;
	unsigned    per, spans;
} notes[NOTES];
static unsigned nnotes;

/* On the console: the shell has it, so the log is not shown. */
__attribute__((format(printf, 1, 2))) static void
say(const char *format, ...)
{
	char        line[128];
	va_list     list;
	int         n;
	enum status st;

	va_start(list, format);
	n = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	OK(node_get(REG_NODE, NODE_CONSOLE, REG_T0));
	retry(&st, console_write(REG_T0, line, (size_t)n));
	if (st != RC_OK)
		log_printf("bench: console: %d\n", (int)st);
}

void
note(const char *name, unsigned per, unsigned spans)
{
	if (nnotes == NOTES)
		fail("too many notes", nnotes);
	notes[nnotes].name = name;
	notes[nnotes].per = per;
	notes[nnotes++].spans = spans;
}

void
fail(const char *what, uint64_t value)
{
	say("bench: failed: %s: %lu\n", what, value);
	ant_exit();
}

void
map_zeros(unsigned slot)
{
	OK(vcsk_make(REG_VCSK, SPACE_SLOT_SHIFT, REG_BANK, REG_VOID, REG_NEW));
	OK(space_map(slot, REG_NEW));
}

volatile uint64_t *
page_of(unsigned slot, unsigned page)
{
	return (volatile uint64_t *)space_address(slot) +
	    page * (PAGE_SIZE / sizeof(uint64_t));
}

void
touch(unsigned slot, unsigned first, unsigned pages)
{
	static uint64_t value;

	for (unsigned i = first; i < first + pages; i++)
		*page_of(slot, i) = ++value;
}

/* --- The store ------------------------------------------------------------ */

static void
get_store(void)
{
	OK(node_get(REG_NODE, NODE_STORE, REG_T0));
}

void
checkpoint_span(void)
{
	uint64_t    generation;
	enum status st;

	get_store();
	span_start();
	st = store_checkpoint(REG_T0, &generation);
	span_stop();
	OK(st);
}

void
checkpoint(void)
{
	uint64_t generation;

	get_store();
	OK(store_checkpoint(REG_T0, &generation));
}

static struct store_status
store_now(void)
{
	struct store_status s = {0};
	enum status         st;

	get_store();
	retry(&st, store_status(REG_T0, &s, sizeof(s), NULL));
	OK(st);
	return s;
}

uint64_t
pages_in(void)
{
	return store_now().pages_in;
}

uint64_t
credits_used(void)
{
	return store_now().credits_used;
}

/* Checkpoints only when asked for, and nothing else under way. */
static void
settle(void)
{
	uint64_t    former;
	enum status st;

	get_store();
	retry(&st, store_schedule(REG_T0, 0, &former));
	OK(st);
	(void)wait_for(settle_ns);
}

static bool
large_machine(void)
{
	uint64_t total = 0;

	OK(node_get(REG_NODE, NODE_KINFO, REG_T0));
	OK(kinfo_memory(REG_T0, &total, NULL, NULL, NULL));
	return total > LARGE_FRAMES;
}

int
main(void)
{
	settle();
	if (large_machine()) {
		bench_snapshot(128, "128_mib");
	} else {
		bench_keeper();
		bench_paging();
		bench_snapshot(1, "1_mib");
		bench_snapshot(16, "16_mib");
	}
	for (unsigned i = 0; i < nnotes; i++)
		say("bench: %s %u %u\n", notes[i].name, notes[i].per,
		    notes[i].spans);
	say("bench: done\n");
	return 0;
}
