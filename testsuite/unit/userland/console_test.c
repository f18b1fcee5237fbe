/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's queues against a driver's side of the ring. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/seat_test.h"
#include "userland/console/console.h"

static struct char_ring ring;
static struct console   console;
static struct ring_end  from_client, to_client;
static char             line[65536]; /* What went out on the wire. */
static size_t           sent;

/* Another instance of the driver. */
static void
attach(uint32_t generation)
{
	ring.generation = generation;
	CU_ASSERT(console_attach(&console, 0, &ring, generation));
	CU_ASSERT_EQUAL(ring.client_generation, generation);
	ring_begin(&from_client, &ring.output, CHAR_OUTPUT);
	ring_begin(&to_client, &ring.input, CHAR_INPUT);
	ring_want(&from_client, true);
}

static void
start(void)
{
	memset(&ring, 0, sizeof(ring));
	sent = 0;
	console_init(&console);
	attach(1);
}

/* The driver sends at most n bytes. */
static void
transmit(uint32_t n)
{
	uint32_t ready;

	CU_ASSERT_EQUAL_FATAL(ring_ready(&from_client, &ready), RC_OK);
	if (n > ready)
		n = ready;
	for (uint32_t i = 0; i < n; i++)
		line[sent++] = (char)ring.out[ring_place(&from_client, i)];
	ring_consume(&from_client, n);
	line[sent] = 0;
}

static void
receive(const char *text)
{
	for (; *text != 0; text++) {
		ring.in[ring_place(&to_client, 0)] = (uint8_t)*text;
		(void)!ring_produce(&to_client, 1);
	}
}

static void
write(const char *text)
{
	unsigned place;

	CU_ASSERT_EQUAL(
	    console_write(&console, 1, text, strlen(text), &place), RC_OK);
}

/* console.write.1: bytes go out in order, and the driver is told. */
static void
writes_go_out(void)
{
	struct console_events e;

	start();
	write("hello ");
	write("world");
	e = console_pump(&console);
	CU_ASSERT_EQUAL(e.written, 2);
	CU_ASSERT_EQUAL(e.bells, 1);
	transmit(100);
	CU_ASSERT_STRING_EQUAL(line, "hello world");
}

/* console.write.2: with a full ring writers wait, in turn, unmixed. */
static void
writers_wait(void)
{
	static char text[WRITERS][WRITE_BYTES];
	unsigned    place, done = 0;

	start();
	for (unsigned i = 0; i < WRITERS; i++) {
		memset(text[i], (int)('a' + i), WRITE_BYTES);
		CU_ASSERT_EQUAL(
		    console_write(&console, i, text[i], WRITE_BYTES, &place),
		    RC_OK);
	}
	CU_ASSERT_EQUAL(console_write(&console, 1, "x", 1, &place), RC_BUSY);
	done = console_pump(&console).written;
	CU_ASSERT_EQUAL(done, CHAR_OUTPUT / WRITE_BYTES);
	while (console.writers > 0) {
		transmit(100);
		done += console_pump(&console).written;
	}
	transmit(CHAR_OUTPUT);
	CU_ASSERT_EQUAL(done, WRITERS);
	CU_ASSERT_EQUAL_FATAL(sent, sizeof(text));
	CU_ASSERT_EQUAL(memcmp(line, text, sizeof(text)), 0);
}

/* console.read.1: input is kept until it is taken, and no longer. */
static void
input_is_kept(void)
{
	char   bytes[8];
	size_t n;

	start();
	receive("typed ahead");
	(void)console_pump(&console);
	n = console_take(&console, bytes, sizeof(bytes));
	CU_ASSERT(n == 8 && memcmp(bytes, "typed ah", 8) == 0);
	n = console_take(&console, bytes, sizeof(bytes));
	CU_ASSERT(n == 3 && memcmp(bytes, "ead", 3) == 0);
	CU_ASSERT_EQUAL(console_take(&console, bytes, sizeof(bytes)), 0);
}

/* console.read.2: what nobody reads is counted as lost. */
static void
unread_input_is_bounded(void)
{
	start();
	for (unsigned i = 0; i < TYPED_BYTES + 10; i++) {
		receive("x");
		(void)console_pump(&console);
	}
	CU_ASSERT_EQUAL(console.typed_count, TYPED_BYTES);
	CU_ASSERT_EQUAL(console.lost, 10);
}

/* console.driver.1: a new driver instance gets all that is not taken. */
static void
driver_restarts(void)
{
	char text[WRITE_BYTES], all[4 * WRITE_BYTES];

	start();
	all[0] = 0;
	for (unsigned i = 0; i < 3; i++) {
		memset(text, (int)('a' + i), sizeof(text));
		text[sizeof(text) - 1] = 0;
		write(text);
		strcat(all, text);
	}
	CU_ASSERT_EQUAL(console_pump(&console).written, 2);
	transmit(500);
	attach(2);
	CU_ASSERT_EQUAL(console_pump(&console).written, 0);
	transmit(700);
	(void)console_pump(&console);
	attach(3);
	transmit(CHAR_OUTPUT);
	CU_ASSERT_EQUAL(console_pump(&console).written, 0);
	transmit(CHAR_OUTPUT);
	CU_ASSERT_STRING_EQUAL(line, all);
}

/* The lines that have broken the ring they have now, when that is pumped. */
static unsigned
broken(void)
{
	unsigned lines = 0;

	(void)console_pump(&console);
	for (unsigned i = 0; i < LINES; i++)
		lines |= console.line[i].watch.broken != 0 ? 1u << i : 0;
	return lines;
}

/* console.driver.2: a driver that breaks the ring is left alone. */
static void
broken_rings_disconnect(void)
{
	start();
	ring.input.head = CHAR_INPUT + 1;
	CU_ASSERT_EQUAL(broken(), 1);
	CU_ASSERT_FALSE(console_connected(&console));
	/* Nobody connects to it again until it is another instance. */
	ring.generation = console.line[0].watch.generation;
	CU_ASSERT_FALSE(console_stale(&console, 0));
	ring.generation++;
	CU_ASSERT(console_stale(&console, 0));
	start();
	write("x");
	ring.output.tail = 5;
	CU_ASSERT_EQUAL(broken(), 1);
	attach(3);
	CU_ASSERT_EQUAL(console_pump(&console).written, 1);
}

static struct char_ring terminal;

/* With a terminal beside the line; what of it is not yet read, as a text. */
static void
start_terminal(void)
{
	start();
	memset(&terminal, 0, sizeof(terminal));
	terminal.generation = 1;
	CU_ASSERT(console_attach(&console, 1, &terminal, 1));
	CU_ASSERT_EQUAL(terminal.client_generation, 1);
}

static uint32_t
terminal_has(const char *text)
{
	uint32_t n = terminal.output.head - terminal.output.tail;

	if (text != NULL)
		CU_ASSERT(n == strlen(text) &&
		    memcmp(terminal.out + terminal.output.tail % CHAR_OUTPUT,
			text, n) == 0);
	return n;
}

/* console.terminal.1: it shows what the line shows, and types too. */
static void
terminal_follows(void)
{
	char bytes[8];

	start_terminal();
	terminal.output.waiting = 1;
	write("hello");
	CU_ASSERT_EQUAL(console_pump(&console).bells, 3);
	transmit(100);
	CU_ASSERT_STRING_EQUAL(line, "hello");
	(void)terminal_has("hello");
	receive("ab");
	terminal.in[0] = 'c';
	terminal.input.head = 1;
	(void)console_pump(&console);
	CU_ASSERT_EQUAL(console_take(&console, bytes, sizeof(bytes)), 3);
	CU_ASSERT_EQUAL(memcmp(bytes, "abc", 3), 0);
	CU_ASSERT_EQUAL(terminal.input.tail, 1);
}

/* console.terminal.2: one that nobody reads holds up nobody, and is told of. */
static void
terminal_lags(void)
{
	static char text[WRITE_BYTES + 1];

	start_terminal();
	memset(text, 'x', WRITE_BYTES);
	for (unsigned i = 0; i < 5; i++) {
		write(text);
		CU_ASSERT_EQUAL(console_pump(&console).written, 1);
		transmit(CHAR_OUTPUT);
	}
	CU_ASSERT_EQUAL(sent, 5 * WRITE_BYTES);
	CU_ASSERT_EQUAL(terminal_has(NULL), CHAR_OUTPUT);
	CU_ASSERT_EQUAL(console.line[1].missed, 5 * WRITE_BYTES - CHAR_OUTPUT);
}

/* console.terminal.3: without the line it sets the pace. */
static void
terminal_alone(void)
{
	static char text[WRITE_BYTES + 1];

	memset(text, 'x', WRITE_BYTES);
	console_init(&console);
	memset(&terminal, 0, sizeof(terminal));
	terminal.generation = 1;
	CU_ASSERT(console_attach(&console, 1, &terminal, 1));
	for (unsigned i = 0; i < 3; i++)
		write(text);
	CU_ASSERT_EQUAL(console_pump(&console).written, 2);
	terminal.output.tail += WRITE_BYTES;
	CU_ASSERT_EQUAL(console_pump(&console).written, 1);
	CU_ASSERT_EQUAL(console.line[1].missed, 0);
}

/* console.terminal.4: a driver that breaks its ring takes no other with it. */
static void
terminal_breaks(void)
{
	start_terminal();
	terminal.output.tail = 77;
	write("on");
	CU_ASSERT_EQUAL(broken(), 2);
	transmit(100);
	CU_ASSERT_STRING_EQUAL(line, "on");
	start_terminal();
	ring.output.tail = 77;
	write("off");
	CU_ASSERT_EQUAL(broken(), 1);
	(void)terminal_has("off");
}

/* console.terminal.5, S6: the memory of one that is gone is not touched again.
 */
static void
terminal_goes(void)
{
	start_terminal();
	terminal.generation = 1;
	CU_ASSERT_FALSE(console_stale(&console, 1));
	terminal.generation = 2;
	CU_ASSERT(console_stale(&console, 1));
	CU_ASSERT(console.line[1].watch.connected);
	terminal.generation = 0;
	CU_ASSERT(console_stale(&console, 1));
	CU_ASSERT_PTR_NULL(console.line[1].ring);
	CU_ASSERT(console_stale(&console, 1));
	write("on");
	CU_ASSERT_EQUAL(console_pump(&console).written, 1);
	transmit(100);
	CU_ASSERT_STRING_EQUAL(line, "on");
	CU_ASSERT_EQUAL(terminal_has(NULL), 0);
}

/* console.driver.3: a driver that writes another generation into its ring is
 * asked for again later and not at once; what is unsent is not lost by it. */
static void
liars_are_put_off(void)
{
	static const uint32_t lie[] = {0, 1, 3};

	for (unsigned i = 0; i < 3; i++) {
		start();
		write("text");
		(void)console_pump(&console);
		ring.generation = lie[i];
		CU_ASSERT_FALSE(console_attach(&console, 0, &ring, 2));
		CU_ASSERT_FALSE(console_stale(&console, 0));
		CU_ASSERT_FALSE(console_connected(&console));
		console_again(&console);
		CU_ASSERT(console_stale(&console, 0));
		attach(2);
		CU_ASSERT_FALSE(console_stale(&console, 0));
		CU_ASSERT_EQUAL(from_client.shared->head, 4);
	}
}

static const struct runner_test tests[] = {
    RUNNER_TEST(writes_go_out),
    RUNNER_TEST(writers_wait),
    RUNNER_TEST(input_is_kept),
    RUNNER_TEST(unread_input_is_bounded),
    RUNNER_TEST(driver_restarts),
    RUNNER_TEST(broken_rings_disconnect),
    RUNNER_TEST(terminal_follows),
    RUNNER_TEST(terminal_lags),
    RUNNER_TEST(terminal_alone),
    RUNNER_TEST(terminal_breaks),
    RUNNER_TEST(terminal_goes),
    RUNNER_TEST(liars_are_put_off),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "console", .tests = tests},
    {.name = "seat", .tests = seat_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
