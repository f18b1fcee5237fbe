/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The script of char drivers: text out and in. After any single fault a fresh
 * instance passes everything again.
 */
#include "uldrv/class/char.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/harness/far.h"
#include "testsuite/harness/script.h"
#include "testsuite/harness/trace.h"

#define LONG_TIME (10 * SECOND)

enum { TEXT = 200, LINE = 11, MARK = 0xa5 };

struct user {
	struct harness *h;
	struct ring_end in, out;
};

static struct char_ring *
ring_of(const struct user *u)
{
	return (struct char_ring *)u->h->ring;
}

/* As the console does when devdb's server tells it of a generation. */
static bool
start(struct user *u)
{
	struct char_ring *ring = ring_of(u);

	memset(&ring->input, 0, sizeof(ring->input));
	memset(&ring->output, 0, sizeof(ring->output));
	ring_begin(&u->in, &ring->input, CHAR_INPUT);
	ring_begin(&u->out, &ring->output, CHAR_OUTPUT);
	__atomic_store_n(&ring->client_generation,
	    u->h->control->given.generation + 1, __ATOMIC_RELEASE);
	return harness_start(u->h);
}

struct awaited {
	struct user *u;
	size_t       count;
};

static bool
has_sent(struct harness *h, void *arg)
{
	struct awaited *a = arg;
	uint32_t        space = 0;

	far_look(h);
	if (h->implied)
		return ring_space(&a->u->out, &space) == RC_OK &&
		    space == CHAR_OUTPUT;
	return far_sent.count >= a->count;
}

static bool
has_come(struct harness *h, void *arg)
{
	struct awaited *a = arg;
	uint32_t        ready = 0;

	(void)h;
	return ring_ready(&a->u->in, &ready) == RC_OK && ready >= a->count;
}

static bool
write_text(struct user *u, unsigned bytes)
{
	size_t         before = far_sent.count;
	struct awaited a = {u, before + bytes};

	for (unsigned i = 0; i < bytes; i++)
		ring_of(u)->out[ring_place(&u->out, i)] = (uint8_t)(i * 5);
	if (ring_produce(&u->out, bytes))
		harness_ring(u->h);
	if (!harness_run_until(u->h, has_sent, &a, LONG_TIME))
		return false;
	if (u->h->replays)
		return true;
	if (far_sent.count - before != bytes)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		if (far_sent.byte[before + i] != (uint8_t)(i * 5))
			return false;
	return true;
}

static bool
read_text(struct user *u, unsigned bytes)
{
	struct awaited a = {u, bytes};
	uint32_t       ready = 0;
	bool           same = true;

	for (unsigned i = 0; i < bytes; i++)
		far_receive(u->h, (uint8_t)(0x40 + i));
	if (!harness_run_until(u->h, has_come, &a, LONG_TIME) ||
	    ring_ready(&u->in, &ready) != RC_OK || ready != bytes)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		same &= ring_of(u)->in[ring_place(&u->in, i)] == 0x40 + i;
	ring_consume(&u->in, ready);
	return same;
}

/* Has the mark come in? What came before it is dropped. */
static bool
mark_came(struct harness *h, void *arg)
{
	struct user *u = arg;
	uint32_t     ready = 0;
	bool         found = false;

	(void)h;
	if (ring_ready(&u->in, &ready) != RC_OK)
		return false;
	for (uint32_t i = 0; i < ready && !found; i++) {
		found = ring_of(u)->in[ring_place(&u->in, 0)] == MARK;
		ring_consume(&u->in, 1);
	}
	return found;
}

/* What a dead driver left in the device, or on the line, is let come in. */
static bool
skip_input(struct user *u)
{
	far_receive(u->h, MARK);
	return harness_run_until(u->h, mark_came, u, LONG_TIME);
}

static bool
all(struct user *u)
{
	return write_text(u, 5) && read_text(u, LINE) && write_text(u, TEXT) &&
	    read_text(u, LINE) && write_text(u, 1);
}

static bool
quiet(struct harness *h, void *arg)
{
	(void)arg;
	return h->step_at == 0;
}

static struct script_result
run(const struct fault *fault)
{
	struct user          u = {.h = harness_open()};
	struct script_result r = {.wrong = 0};

	u.h->fault = *fault;
	r.ended = start(&u) && all(&u);
	memcpy(r.seen, u.h->fault.seen, sizeof(r.seen));
	r.fired = u.h->fault.fired;
	r.width = u.h->fault.width;
	if (!r.ended && r.fired == 0)
		r.wrong++;
	if (r.fired != 0) {
		harness_kill(u.h);
		harness_over(u.h);
		/* What is in the transmitter still goes out. */
		r.restarts = 1;
		r.ended = start(&u) &&
		    harness_run_until(u.h, quiet, NULL, LONG_TIME) &&
		    skip_input(&u);
		far_look(u.h);
		far_sent.count = 0;
		r.ended = r.ended && all(&u);
		r.wrong += !r.ended;
	}
	harness_close(u.h);
	return r;
}

static bool
settled(struct harness *h, void *arg)
{
	(void)arg;
	return h->implied || (!h->replays && h->pending == 0);
}

/*
 * Before something comes in: the interrupt that a text leaves is taken, so that
 * the two are always two.
 */
static bool
say_text(struct user *u, unsigned bytes)
{
	return write_text(u, bytes) &&
	    harness_run_until(u->h, settled, NULL, LONG_TIME);
}

static bool
converse(struct harness *h)
{
	struct user u = {.h = h};
	bool        good = start(&u);

	good = good && say_text(&u, 5);
	talk_note(h, "sent: %d", good);
	good = good && read_text(&u, 1);
	talk_note(h, "came: %d", good);
	good = good && write_text(&u, 40);
	talk_note(h, "sent: %d", good);
	harness_kill(h);
	good = good && start(&u) && say_text(&u, 1);
	talk_note(h, "sent: %d", good);
	good = good && read_text(&u, 1);
	talk_note(h, "came: %d", good);
	return good;
}

/* One interrupt for a FIFO, not for a byte. */
static void
interrupts(void)
{
	struct user u = {.h = harness_open()};

	CU_ASSERT(start(&u));
	CU_ASSERT(all(&u));
	CU_ASSERT(u.h->interrupts < 2 * (TEXT / 16 + 12));
	harness_close(u.h);
}

/* Input without room is counted, and nothing is overwritten. */
static void
input_beyond_the_ring(void)
{
	struct user u = {.h = harness_open()};
	uint32_t    ready = 0;

	CU_ASSERT(start(&u));
	for (unsigned i = 0; i < CHAR_INPUT + 100; i++) {
		far_receive(u.h, (uint8_t)i);
		CU_ASSERT(harness_run(u.h, LONG_TIME));
	}
	CU_ASSERT_EQUAL(ring_ready(&u.in, &ready), RC_OK);
	CU_ASSERT_EQUAL(ready, CHAR_INPUT);
	CU_ASSERT_EQUAL(ring_of(&u)->errors.overruns, 100);
	harness_close(u.h);
}

/* A client that writes nonsense into the indices is left alone. */
static void
hostile_client(void)
{
	struct user u = {.h = harness_open()};

	CU_ASSERT(start(&u));
	ring_of(&u)->output.head = 123456789;
	harness_ring(u.h);
	CU_ASSERT(harness_run(u.h, LONG_TIME));
	CU_ASSERT_EQUAL(far_sent.count, 0);
	CU_ASSERT_STRING_EQUAL(
	    u.h->control->said.remark, "the client broke the ring");
	harness_close(u.h);
}

/* What the device swallowed goes out when it was reset. */
static void
hang_loses_nothing(void)
{
	struct user u = {.h = harness_open()};

	u.h->fault = (struct fault){.kind = FK_HANG, .at = 2};
	CU_ASSERT(start(&u));
	CU_ASSERT(all(&u));
	CU_ASSERT_EQUAL(u.h->control->said.resets, u.h->fault.fired);
	harness_close(u.h);
}

/*
 * harness.nap.1 for lines: asleep in the middle of what goes out, it goes on
 * when awake. What comes in meanwhile is lost, as on any line that nobody hears.
 */
static void
nap(void)
{
	for (unsigned long at = 1; at < 64; at++) {
		struct user u = {.h = harness_open()};

		harness_nap.at = at;
		CU_ASSERT(start(&u));
		CU_ASSERT(write_text(&u, 5));
		CU_ASSERT(write_text(&u, TEXT));
		CU_ASSERT(write_text(&u, 1));
		harness_close(u.h);
		if (harness_nap.turns < at)
			break;
		CU_ASSERT(harness_nap.taken);
	}
	CU_ASSERT(harness_nap.turns > 2);
	harness_nap.at = 0;
}

static const struct runner_test more[] = {
    RUNNER_TEST(interrupts),
    RUNNER_TEST(input_beyond_the_ring),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(hang_loses_nothing),
    RUNNER_TEST(nap),
    {NULL, NULL},
};

const struct class_script class_script = {
    .run = run,
    .converse = converse,
    .more = more,
    .loses = true,
};
