/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The persistent warden: its workers are made of objects bought from banks,
 * each has a bank of its own and a part of the volume, and memory is short. It
 * never ends: the machine is killed, and then it has to be told so.
 */
#include "testsuite/fuzz/domain/store.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/notice.h"
#include "userland/rt/retry.h"

enum own_extra {
	X_RANGE = X_OWN, /* Of persistent frames that no bank has. */
	X_STORE,
};

enum {
	BANK = RESUME, /* That of the worker in hand. */
	PART_FRAMES = 96, /* Of the volume, for each worker. */
	LIMIT = 1000, /* Frames of a worker's bank: */
	LEAST = 80, /* with fewer left it gets another. */
	PATIENCE = 8,
	PATIENCE_AFTER = 400, /* A restart: who waits has much to wait for. */
	LATEST = 1200, /* Ticks after it: who has not gone on by then is rebuilt. */
	TICKS_BETWEEN = 64, /* Unasked rebuilds. */
	CHECKPOINT_MS = 400,
	REPORT_NS = 200000000,
};

/* What comes of the workers after a restart. */
static struct {
	unsigned restarts;
	unsigned there, went_on;
	unsigned expected; /* A bit for each of whom it is not known yet. */
	unsigned ticks;    /* Since then. */
	uint64_t counted[WORKERS], starts[WORKERS];
} back;

static uint64_t next_report;

void
say(const char *line)
{
	ignore_status(log_write(R_LOG, line, strlen(line)));
}

/* --- What workers are made of --------------------------------------------- */

/*
 * Those of its processes that live on lose the bank: they had it through a
 * forwarder. What they have bought stays in the bank until that is full.
 */
static void
take_away(unsigned w)
{
	MUST(node_get(TABLE, w, PROCESS));
	ignore_status(bank_free(BANK, PROCESS));
	MUST(node_get(TABLE, TABLE_FORWARDERS + w, NODE));
	ignore_status(forwarder_revoke(NODE));
}

static void
destroy_bank(void)
{
	uint64_t    left = 1;
	enum status st = RC_OK;

	while (st == RC_OK && left > 0)
		st = bank_destroy(BANK, &left);
	if (st != RC_VOID) /* Its worker may have done it. */
		must(st, "bank_destroy");
}

bool
arena_again(unsigned w)
{
	uint64_t used = LIMIT;

	MUST(node_get(TABLE, TABLE_BANKS + w, BANK));
	take_away(w);
	if (bank_figures(BANK, &used, NULL, NULL, NULL) != RC_OK ||
	    used > LIMIT - LEAST || bank_page(BANK, PAGE) != RC_OK) {
		destroy_bank();
		MUST(bank_sub_bank(R_OBJECTS, LIMIT, BANK));
		MUST(node_swap(TABLE, TABLE_BANKS + w, BANK, 0));
	}
	extra(X_RANGE, ARENA);
	MUST(range_split(ARENA, w * PART_FRAMES, PART_FRAMES, ARENA));
	for (uint64_t i = 0; i < PART_FRAMES; i++)
		MUST(range_free(ARENA, i));
	return true;
}

bool
new_page(unsigned w, capreg to)
{
	(void)w;
	return bank_page(BANK, to) == RC_OK;
}

bool
new_node(unsigned w, capreg to)
{
	(void)w;
	return bank_node(BANK, to) == RC_OK;
}

void
give_more(unsigned w)
{
	if (!new_node(w, NODE))
		return;
	MUST(node_make_forwarder(NODE, NODE));
	MUST(forwarder_set_target(NODE, BANK, 0));
	MUST(node_swap(TABLE, TABLE_FORWARDERS + w, NODE, 0));
	MUST(forwarder_opaque(NODE, 0, NODE));
	give(W_BANK, NODE);
}

/* --- Watching ------------------------------------------------------------- */

static void
report(void)
{
	struct kinfo_counters c = {0};
	char                  line[200];

	extra(X_KINFO, NODE);
	MUST(kinfo_counters(NODE, &c, sizeof(c), NULL));
	snprintf(line, sizeof(line),
	    "fuzz: %lu invocations, %lu faults, %lu rebuilds; %lu in, %lu out,"
	    " %lu snapshots; %lu looks, %lu wrong\n",
	    warden.invocations, warden.faults, warden.rebuilds, c.fetches,
	    c.cleans, c.snapshots, witness.checked, witness.wrong);
	say(line);
}

static void
set_schedule(void)
{
	enum status st = RC_OK;

	extra(X_STORE, NODE);
	retry(&st, store_schedule(NODE, CHECKPOINT_MS, NULL));
	must(st, "store_schedule");
}

/* Those whose process is there must go on by themselves, if they can. */
static void
restarted(void)
{
	uint64_t state = 0;

	back.restarts++;
	back.there = back.ticks = back.went_on = back.expected = 0;
	warden.patience = PATIENCE_AFTER;
	for (unsigned w = 0; w < WORKERS; w++) {
		MUST(node_get(TABLE, w, PROCESS));
		if (process_state(PROCESS, &state, NULL, NULL, NULL) != RC_OK)
			continue;
		back.there++;
		back.expected |= 1u << w;
		back.counted[w] = warden.counted[w];
		back.starts[w] = warden.starts[w];
	}
	witness_all();
	set_schedule();
	set_alarm();
	next_report = 0;
}

/* Has it gone on, or has the warden had to start it? */
static void
look_back(unsigned w)
{
	char line[100];

	if (!(back.expected >> w & 1) ||
	    (back.counted[w] == warden.counted[w] &&
		back.starts[w] == warden.starts[w]))
		return;
	back.expected &= ~(1u << w);
	back.went_on += back.starts[w] == warden.starts[w];
	if (back.expected != 0)
		return;
	warden.patience = PATIENCE;
	snprintf(line, sizeof(line),
	    "fuzz: restart %u: %u workers there, %u went on\n", back.restarts,
	    back.there, back.went_on);
	say(line);
}

static void
faulted(unsigned w)
{
	count_up(w);
	look_back(w);
	fault(w);
}

/*
 * A worker may have called one that waits for ever: then it runs, for all that the
 * warden sees, but does not go on.
 */
static void
rebuild_late(void)
{
	for (unsigned w = 0; w < WORKERS; w++)
		if (back.expected >> w & 1)
			rebuild(w);
}

static void
tick(unsigned n)
{
	set_alarm();
	if (n % TICKS_BETWEEN == 0 && back.expected == 0)
		rebuild(n / TICKS_BETWEEN % WORKERS);
	if (back.expected != 0 && ++back.ticks > LATEST)
		rebuild_late();
	for (unsigned w = 0; w < WORKERS; w++) {
		look_after(w);
		look_back(w);
	}
	witness_some();
	if (now_ns() >= next_report) {
		report();
		next_report = now_ns() + REPORT_NS;
	}
}

/* Ticks come as notices, faults as calls; a worker may also just call. */
static _Noreturn void
watch(void)
{
	for (unsigned n = 1;;) {
		struct message m = {
		    .control = control_make(INVOKE_RETURN, 0) |
			CONTROL_RECEIVE(3, RESUME),
		};

		ant_invoke(&m);
		if (message_source(&m) == FROM_NOTICE &&
		    m.word[1] >> NOTICE_BIT_RESTARTED & 1)
			restarted();
		else if (message_source(&m) == FROM_NOTICE)
			tick(n++);
		else if (message_data(&m) >= 1 && message_data(&m) <= WORKERS)
			faulted((unsigned)message_data(&m) - 1);
	}
}

int
main(void)
{
	enum status st = RC_OK;

	warden.seed = number(X_SEED) | 1;
	warden.patience = PATIENCE;
	MUST(bank_node(R_OBJECTS, TABLE));
	MUST(process_make_notice(R_SELF, 0, ALARM));
	witness_build();
	for (unsigned w = 0; w < WORKERS; w++)
		rebuild(w);
	set_schedule();
	extra(X_STORE, NODE);
	retry(&st, store_checkpoint(NODE, NULL));
	must(st, "store_checkpoint");
	report(); /* From here on it may be killed. */
	set_alarm();
	watch();
}
