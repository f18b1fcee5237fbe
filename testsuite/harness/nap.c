/* SPDX-License-Identifier: BSD-2-Clause */
/* Suspending a driver in the middle of a script, as devdb's server does it. */
#include <stdio.h>

#include "testsuite/harness/harness.h"

#define NAP_TIME   (60 * SECOND)       /* Until it sleeps, or is awake. */
#define QUIET_TIME (20 * MILLISECOND) /* Looked at while it sleeps. */

struct nap harness_nap;

static void
wish(struct harness *h, uint32_t suspended)
{
	__atomic_store_n(
	    &h->control->given.suspended, suspended, __ATOMIC_RELEASE);
	h->pending |= UINT64_C(1) << NOTICE_POWER;
}

/* Turns until it says so; false if it dies, or does not in time. */
static bool
runs_until(struct harness *h, enum control_state state, uint64_t time)
{
	uint64_t end = h->now + time;

	for (;;) {
		uint64_t bits;

		backend_look(h);
		bits = h->pending | h->dev.pending;
		h->pending = h->dev.pending = 0;
		if (bits != 0)
			dev_turn(&h->dev, bits);
		if (h->dev.stopped)
			return false;
		if (h->control->said.state == state)
			return true;
		if (h->now >= end)
			return false;
		if (h->pending == 0 && h->dev.pending == 0)
			backend_advance(h, end);
	}
}

static void
complain(struct harness *h, const char *what)
{
	if (h->fault.fired != 0 && fault_info[h->fault.kind].lies)
		return;
	harness_complaints++;
	printf("  nap at turn %lu: %s\n", harness_nap.at, what);
}

/*
 * Asleep it touches nothing and answers nobody, whatever rings: the client, an
 * interrupt that was on its way, the server for a heartbeat.
 */
static void
look_asleep(struct harness *h)
{
	unsigned long accesses = h->accesses, notices = h->notices;
	unsigned long dmas = h->dmas;
	uint32_t      beat = h->control->said.beat;

	h->pending |= UINT64_C(1) << NOTICE_BEAT | UINT64_C(1) << NOTICE_IRQ;
	harness_ring(h);
	(void)runs_until(h, CONTROL_STATES, QUIET_TIME);
	if (h->accesses != accesses)
		complain(h, "it touched the device");
	if (h->dmas != dmas)
		complain(h, "the device did DMA");
	if (h->notices != notices)
		complain(h, "it rang its client");
	if (h->control->said.beat != beat + 1)
		complain(h, "its heart does not beat");
}

void
nap_look(struct harness *h)
{
	struct nap *n = &harness_nap;

	if (n->at == 0 || ++n->turns != n->at || h->dev.stopped)
		return;
	for (unsigned i = 0; i < FAULT_CLASSES; i++)
		n->first[i] = h->fault.seen[i];
	wish(h, 1);
	if (!runs_until(h, CONTROL_SUSPENDED, NAP_TIME)) {
		if (!h->dev.stopped)
			complain(h, "it does not fall asleep");
		return;
	}
	backend_silence(h);
	look_asleep(h);
	backend_enable(h);
	wish(h, 0);
	if (!runs_until(h, CONTROL_UP, NAP_TIME)) {
		if (!h->dev.stopped)
			complain(h, "it does not wake");
		return;
	}
	n->taken = true;
	for (unsigned i = 0; i < FAULT_CLASSES; i++)
		n->last[i] = h->fault.seen[i];
}
