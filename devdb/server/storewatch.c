/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does the store still answer? One that dies takes the machine with it (S11);
 * one that hangs is missed by nobody until a page is wanted, and then by all.
 *
 * With each heartbeat of a disk's driver we take back the store's wish to be
 * rung for completions, in the ring that we made, and ring it: one that looks
 * wishes again. So nothing is added to what it does for each page, and if it
 * does not look nothing is lost, for it is rung. Beats are counted, not time: a
 * machine that stood still has not been silent.
 *
 * All that follows is that people are told, in the log and at the terminal:
 * whether to wait or to reset is theirs to decide.
 */
#include "devdb/server/server.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "uldrv/class/block.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

enum {
	WISH = offsetof(struct block_control, completion) +
	    offsetof(struct ring_shared, waiting),
};

void
console_ring(enum server_slot what)
{
	if (system_get(what, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

/* Has it wished again? If that cannot be read it is not held against it. */
static bool
has_looked(void)
{
	uint32_t wish = 1;

	if (page_read(REG_T1, WISH, sizeof(wish), &wish, sizeof(wish), NULL) !=
	    RC_OK)
		wish = 1;
	return wish != 0;
}

static uint64_t
silent_ms(const struct instance *n)
{
	return (uint64_t)n->store_missed * driver_of(n)->heartbeat;
}

static void
say_silent(const struct instance *n)
{
	if (server.store_silent)
		return;
	server.store_silent = true;
	log_printf("devdb: the store has not answered for %lu s: nothing is "
		   "read or saved; if it stays so, reset the machine, which "
		   "goes on from the last checkpoint\n",
	    silent_ms(n) / 1000);
	console_ring(SLOT_STORE_SILENT);
}

static void
say_answers(void)
{
	if (!server.store_silent)
		return;
	server.store_silent = false;
	log_printf("devdb: the store answers again\n");
	console_ring(SLOT_STORE_ANSWERS);
}

/* In REG_T1: the page with the ring's control words. */
static enum status
control_page(const struct instance *n)
{
	enum status st = inst_get(n, INST_RING_NODE, REG_T1);

	return st != RC_OK ? st : node_get(REG_T1, 0, REG_T1);
}

void
store_watch(struct instance *n)
{
	static const uint32_t none = 0;

	if (driver_of(n)->class != DEVDB_BLOCK || !n->attached ||
	    control_page(n) != RC_OK)
		return;
	if (!n->store_asked || has_looked()) {
		n->store_missed = 0;
		if (n->store_asked)
			say_answers();
	} else if (++n->store_missed >= STORE_BEATS_MISSED &&
	    silent_ms(n) >= STORE_SILENT_MS) {
		say_silent(n);
	}
	n->store_asked = page_write(REG_T1, WISH, &none, sizeof(none)) == RC_OK;
	if (inst_get(n, INST_CLIENT, REG_T0) == RC_OK)
		notice_set(REG_T0);
}
