/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of the 16550 over its model: text out and in, and the loops.
 * After any single fault a fresh instance passes everything again.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/model/uart.h"
#include "testsuite/runner/runner.h"
#include "uldrv/class/char.h"

#define LONG_TIME (10 * SECOND)

enum { TEXT = 700, LINE = 11 };

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

static bool
write_text(struct user *u, unsigned bytes)
{
	size_t before = uart_sent.count;

	for (unsigned i = 0; i < bytes; i++)
		ring_of(u)->out[ring_place(&u->out, i)] = (uint8_t)(i * 5);
	if (ring_produce(&u->out, bytes))
		harness_ring(u->h);
	if (!harness_run(u->h, LONG_TIME))
		return false;
	if (uart_sent.count - before != bytes)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		if (uart_sent.byte[before + i] != (uint8_t)(i * 5))
			return false;
	return true;
}

static bool
read_text(struct user *u)
{
	uint32_t ready = 0;
	bool     same = true;

	for (unsigned i = 0; i < LINE; i++)
		uart_receive(u->h, (uint8_t)(0x40 + i));
	if (!harness_run(u->h, LONG_TIME) ||
	    ring_ready(&u->in, &ready) != RC_OK || ready != LINE)
		return false;
	for (unsigned i = 0; i < LINE; i++)
		same &= ring_of(u)->in[ring_place(&u->in, i)] == 0x40 + i;
	ring_consume(&u->in, ready);
	return same;
}

static bool
all(struct user *u)
{
	return write_text(u, 5) && read_text(u) && write_text(u, TEXT) &&
	    read_text(u) && write_text(u, 1);
}

/* True if the fault fired. */
static bool
place(enum fault_kind kind, unsigned long n, unsigned bit, bool sticky)
{
	struct user u = {.h = harness_open()};
	bool        fired, good;

	harness_complaints = 0;
	u.h->fault = (struct fault){
	    .kind = kind, .at = n, .bit = bit, .sticky = sticky};
	if (start(&u))
		(void)all(&u);
	fired = u.h->fault.fired != 0;
	u.h->fault = (struct fault){.kind = FK_NOTHING};
	harness_kill(u.h);
	uart_sent.count = 0;
	good = start(&u) && harness_run(u.h, LONG_TIME);
	uart_sent.count = 0;
	good = good && all(&u);
	CU_ASSERT(good);
	CU_ASSERT_EQUAL(harness_complaints, 0);
	if (!good)
		printf("  %s at %lu\n", fault_info[kind].name, n);
	harness_close(u.h);
	return fired;
}

/* Bits to flip of each read: all with SOAK=1, else every other. */
static unsigned
flips(void)
{
	const char *soak = getenv("SOAK");

	return soak != NULL && *soak != '\0' ? 8 : 4;
}

static void
loop(enum fault_kind kind, bool sticky)
{
	unsigned      bits = kind == FK_READ_FLIP ? flips() : 1;
	unsigned long fired = 0, n;

	for (n = 1; n < 100000; n++) {
		bool any = false;

		for (unsigned bit = 0; bit < bits; bit++)
			if (place(kind, n, 8 / bits * bit, sticky)) {
				any = true;
				fired++;
			}
		if (!any)
			break;
	}
	CU_ASSERT(n > 1);
	printf("%-12s %-6s %-14s %-6s n %5lu  faults %6lu\n", driver.name,
	    backend_name, fault_info[kind].name, sticky ? "sticky" : "once",
	    n - 1, fired);
}

static void
without_fault(void)
{
	struct user u = {.h = harness_open()};

	harness_complaints = 0;
	CU_ASSERT(start(&u));
	CU_ASSERT(all(&u));
	CU_ASSERT_EQUAL(harness_complaints, 0);
	/* One interrupt for a FIFO, not for a byte. */
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
		uart_receive(u.h, (uint8_t)i);
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
	CU_ASSERT_EQUAL(uart_sent.count, 0);
	CU_ASSERT_STRING_EQUAL(
	    u.h->control->said.remark, "the client broke the ring");
	harness_close(u.h);
}

static void
faults(void)
{
	loop(FK_READ_ONES, false);
	loop(FK_READ_ONES, true);
	loop(FK_READ_ZERO, false);
	loop(FK_READ_FLIP, false);
	loop(FK_WRITE_LOST, false);
	loop(FK_IRQ_LOST, false);
	loop(FK_IRQ_TWICE, false);
	loop(FK_IRQ_STORM, false);
	loop(FK_IRQ_SPURIOUS, false);
}

static void
death(void)
{
	loop(FK_DEATH, false);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(input_beyond_the_ring),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(faults),
    RUNNER_TEST(death),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "char", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
