/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When to take a checkpoint: so long after the first change, at half the
 * credits (F7), when asked; and who waits for it.
 *
 *     idle --first change--> due --alarm, credits or order--> committing
 *       ^                                                        |
 *       +----------------- committed or failed ------------------+
 */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/snapshot.stub.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/log.h"
#include "userland/rt/server.h"

static const uint64_t ns_in_ms = 1000000;

uint64_t
clock_ns(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	return now;
}

/* Something changed since the last snapshot, and nothing is planned yet. */
static void
plan(void)
{
	uint64_t now;

	if (guest.due != 0 || guest.schedule_ms == 0 ||
	    guest.pager->credits_used == 0)
		return;
	now       = clock_ns();
	guest.due = now + guest.schedule_ms * ns_in_ms;
	if (node_get(REG_NODE, NODE_ALARM, REG_T0) == RC_OK)
		ignore_status(clock_alarm(REG_CLOCK, guest.due, REG_T0));
}

/* Be told of the first change, or of half the credits once one is planned. */
static void
set_notify(void)
{
	uint32_t at = store_credits_notify(guest.store);

	if (guest.due == 0 && guest.schedule_ms != 0 && !guest.committing)
		at = 1;
	__atomic_store_n(&guest.pager->credits_notify, at, __ATOMIC_RELEASE);
}

static void
snapshot(void)
{
	uint64_t    epoch;
	enum status st = snapshot_take(REG_SNAPSHOT, &epoch);

	if (st == RC_NO_MEMORY && st != guest.refused)
		log_printf("store: no checkpoint: no memory for the record of "
			   "what runs, or more processes than it holds");
	guest.refused = st;
	if (st != RC_OK)
		return; /* Tried again when the next thing happens. */
	guest.snapshot_wanted = false;
	guest.committing      = true;
	guest.due             = 0;
	guest.snapshot_at     = clock_ns();
	for (unsigned k = 0; k < KEPT; k++)
		guest.kept[k].next = false;
}

void
schedule_pump(void)
{
	if (guest.store == NULL || store_mounted(guest.store) != RC_OK ||
	    guest.halted)
		return;
	plan();
	if (store_wants_snapshot(guest.store))
		guest.snapshot_wanted = true;
	if (guest.snapshot_wanted && !guest.committing)
		snapshot();
	set_notify();
}

/* Answer those who waited for the commit that has just ended. */
static void
answer_kept(enum status st, uint64_t generation)
{
	uint64_t words[MESSAGE_WORDS] = {0, generation};

	for (unsigned k = 0; k < KEPT; k++) {
		if (!guest.kept[k].waiting || guest.kept[k].next)
			continue;
		guest.kept[k].waiting = false;
		if (guest.kept[k].halt && st == RC_OK)
			guest.halted = true;
		if (node_get(REG_NODE, NODE_KEPT + k, REG_T0) == RC_OK)
			server_answer(REG_T0, st, words, NULL, 0, REG_VOID);
		ignore_status(
		    node_swap(REG_NODE, NODE_KEPT + k, REG_VOID, REG_VOID));
	}
}

static void
commit_ended(enum status st, uint64_t generation)
{
	guest.committing = false;
	guest.last_ns    = clock_ns() - guest.snapshot_at;
	if (st == RC_OK)
		guest.checkpoints++;
	else
		log_printf("store: generation %llu could not be committed: "
			   "status %u; the last one stands",
		    (unsigned long long)generation, (unsigned)st);
	answer_kept(st, generation);
	for (unsigned k = 0; k < KEPT; k++) {
		if (guest.kept[k].waiting && !guest.halted)
			guest.snapshot_wanted = true;
	}
}

/* It may be dropped long before somebody asks how old the state is (D13). */
static void
note_booted(uint64_t number)
{
	static const uint64_t ns_in_s = 1000000000;
	struct generation     g;

	guest.booted = number;
	for (unsigned n = 0; store_generation(guest.store, n, &g); n++)
		if (g.number == number)
			guest.booted_wall = g.time * ns_in_s;
}

static void
say(const struct store_event *e)
{
	static const char *const text[EVENT_COUNT] = {
	    [EVENT_OPENED] = "opened at generation",
	    [EVENT_SUPER_BAD] = "superblock does not verify: slot",
	    [EVENT_SUPER_OTHER] = "superblock of another volume: slot",
	    [EVENT_SUPER_NEEDS] = "volume needs formats this kernel has not:",
	    [EVENT_ROOT_BAD] = "root does not verify: generation",
	    [EVENT_FELL_BACK] = "FELL BACK to generation",
	    [EVENT_NO_VOLUME] = "no generation can be opened, slot",
	    [EVENT_MAP_BAD] = "map block does not verify: key",
	    [EVENT_OBJECT_BAD] = "object does not verify: key",
	    [EVENT_IO_ERROR] = "disk error, operation",
	    [EVENT_COUNT_BACK] = "an allocation count went back: key",
	    [EVENT_SPLIT] = "both slots claim generation",
	};

	if (e->code >= EVENT_COUNT || text[e->code] == NULL)
		return;
	if (e->code == EVENT_OPENED)
		note_booted(e->value);
	else
		guest.errors++;
	log_printf("store: %s %llu (block %llu)", text[e->code],
	    (unsigned long long)e->value, (unsigned long long)e->block);
}

void
schedule_events(void)
{
	struct store_event e;

	while (guest.store != NULL && store_next_event(guest.store, &e)) {
		if (e.code == EVENT_COMMITTED)
			commit_ended(RC_OK, e.value);
		else if (e.code == EVENT_COMMIT_FAILED)
			commit_ended(e.status, e.value);
		else
			say(&e);
	}
}
