/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds the workers, starts them anew with another seed when they have hurt
 * themselves, and counts what they do.
 */
#include "testsuite/fuzz/domain/warden.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/number.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/schedule.stub.h"

enum {
	HURT_MOST = 40, /* Faults; then it is built anew. */
	COUNT_JUMP = 1 << 20, /* More at once is not a count: it was spoilt. */
};

extern uint8_t __ant_fs_block[];

struct warden warden;

void
must(enum status st, const char *what)
{
	char line[160];

	if (st == RC_OK)
		return;
	snprintf(line, sizeof(line), "fuzz: warden: %s: %d\n", what, (int)st);
	say(line);
}

void
extra(unsigned slot, capreg to)
{
	MUST(node_get(R_EXTRA, slot, to));
}

uint64_t
number(unsigned slot)
{
	uint64_t v = 0;

	extra(slot, NODE);
	MUST(number_get(NODE, &v, NULL));
	return v;
}

uint64_t
now_ns(void)
{
	uint64_t boot = 0;

	MUST(clock_now(R_CLOCK, &boot, NULL, NULL));
	return boot;
}

void
set_alarm(void)
{
	MUST(clock_alarm(R_CLOCK, now_ns() + TICK_NS, ALARM));
}

/* --- Building ------------------------------------------------------------- */

/* The page in which it counts. */
static bool
build_count(unsigned w)
{
	if (!new_page(w, PAGE))
		return false;
	MUST(page_zero(PAGE));
	MUST(node_swap(ROOT, COUNT_SLOT, PAGE, 0));
	MUST(node_swap(TABLE, TABLE_COUNTS + w, PAGE, 0));
	warden.counted[w] = 0;
	return true;
}

/* The image as it cannot be changed by any way, and 29 pages. */
static bool
build_space(unsigned w)
{
	if (!new_node(w, ROOT) || !new_node(w, NODE))
		return false;
	MUST(node_segment(ROOT, SLOT_SHIFT + NODE_SHIFT, ROOT));
	MUST(node_segment(NODE, PAGE_SHIFT + NODE_SHIFT, NODE));
	for (unsigned i = 0; i < STACK_PAGES + SCRATCH_PAGES; i++) {
		if (!new_page(w, PAGE))
			return false;
		MUST(node_swap(NODE, i, PAGE, 0));
	}
	MUST(node_swap(ROOT, 1, NODE, 0));
	MUST(process_get(R_SELF, SLOT_SPACE, NODE));
	MUST(node_get(NODE, 0, NODE));
	MUST(node_restrict(NODE, CR_READ_ONLY | CR_WEAK, NODE));
	MUST(node_swap(ROOT, 0, NODE, 0));
	return build_count(w);
}

void
give(unsigned slot, capreg cap)
{
	MUST(process_swap(PROCESS, slot, cap, 0));
}

static void
give_registers(unsigned w)
{
	give(SLOT_SPACE, ROOT);
	extra(X_SCHEDULE, NODE);
	MUST(schedule_lower(NODE, WORKER_PRIORITY, NODE));
	give(SLOT_SCHEDULE, NODE);
	give(W_SCHEDULE, NODE);
	give(W_RANGE, ARENA);
	give(W_SELF, PROCESS);
	give(W_CLOCK, R_CLOCK);
	give(W_DISCRIM, R_DISCRIM);
	extra(X_KINFO, NODE);
	give(W_KINFO, NODE);
	extra(X_BAG, NODE);
	MUST(node_copy(BAG, NODE));
	give(W_BAG, BAG);
	MUST(process_make_start(R_SELF, w + 1, NODE));
	give(SLOT_KEEPER, NODE);
	/* A neighbour, if it lives. */
	MUST(node_get(TABLE, (w + 1) % WORKERS, NODE));
	give(W_NEXT_PROCESS, NODE);
	if (process_make_start(NODE, w, NODE) == RC_OK)
		give(W_NEXT_START, NODE);
	give_more(w);
}

static bool
start(unsigned w)
{
	struct {
		struct registers regs;
		uint64_t         fs_base, gs_base;
	} r = {
	    .regs.rip = (uintptr_t)worker,
	    .regs.rdi = random_next(&warden.seed),
	    .regs.rflags = 0x202,
	    .regs.rsp = WORKER_STACK - 8,
	    .fs_base = (uintptr_t)__ant_fs_block,
	};

	warden.starts[w]++;
	return process_set_registers(PROCESS, &r, sizeof(r)) == RC_OK &&
	    process_start(PROCESS) == RC_OK;
}

void
rebuild(unsigned w)
{
	warden.rebuilds++;
	warden.hurt[w] = 0;
	if (!arena_again(w) || !build_space(w) || !new_node(w, PROCESS) ||
	    !new_page(w, PAGE) || !new_node(w, BAG))
		return; /* Another one has all the memory: next time. */
	MUST(node_make_process(PROCESS, PAGE, PROCESS));
	give_registers(w);
	MUST(node_swap(TABLE, w, PROCESS, 0));
	if (!start(w))
		say("fuzz: warden: a worker cannot be started\n");
}

/* --- Watching ------------------------------------------------------------- */

/* Let it go on with another seed, if there is still enough of it. */
static void
restart(unsigned w)
{
	MUST(node_get(TABLE, w, PROCESS));
	if (warden.hurt[w] > HURT_MOST || process_stop(PROCESS) != RC_OK ||
	    !start(w))
		rebuild(w);
}

void
count_up(unsigned w)
{
	uint64_t v = 0;

	MUST(node_get(TABLE, TABLE_COUNTS + w, PAGE));
	if (page_read(PAGE, 0, sizeof(v), &v, sizeof(v), NULL) != RC_OK)
		return;
	if (v - warden.counted[w] < COUNT_JUMP)
		warden.invocations += v - warden.counted[w];
	warden.counted[w] = v;
}

void
look_after(unsigned w)
{
	uint64_t state = PS_WAITING;

	count_up(w);
	MUST(node_get(TABLE, w, PROCESS));
	if (process_state(PROCESS, &state, NULL, NULL, NULL) != RC_OK) {
		rebuild(w);
		return;
	}
	if (state == PS_RUNNING || warden.waits[w]++ < warden.patience) {
		warden.waits[w] *= state != PS_RUNNING;
		return;
	}
	warden.waits[w] = 0;
	restart(w);
}

/* Its registers and memory may be lost. */
void
fault(unsigned w)
{
	warden.faults++;
	warden.hurt[w]++;
	restart(w);
}
