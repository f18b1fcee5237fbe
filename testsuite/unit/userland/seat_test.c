/* SPDX-License-Identifier: BSD-2-Clause */
/* Screen, keymap and seat of the console; drivers are played by the test. */
#include "testsuite/unit/userland/seat_test.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "userland/console/seat.h"

enum { CELLS = DISPLAY_ROWS * DISPLAY_COLUMNS };

static struct screen screen;

static void
put(const char *text)
{
	screen_put(&screen, (const uint8_t *)text, strlen(text));
}

/* The characters of a row, without the blanks at its end. */
static const char *
row(unsigned r)
{
	static char text[DISPLAY_COLUMNS + 1];
	unsigned    n = DISPLAY_COLUMNS;

	for (unsigned i = 0; i < DISPLAY_COLUMNS; i++)
		text[i] = (char)screen.cell[r * DISPLAY_COLUMNS + i];
	while (n > 0 && text[n - 1] == ' ')
		n--;
	text[n] = 0;
	return text;
}

/* screen.1: text, the editor's sequences, scrolling. */
static void
screen_shows(void)
{
	screen_init(&screen);
	put("hello\r\nworld\b\b\033[K!");
	CU_ASSERT_STRING_EQUAL(row(0), "hello");
	CU_ASSERT_STRING_EQUAL(row(1), "wor!");
	CU_ASSERT_EQUAL(screen.column, 4);
	put("\033[1;3HX\033[2J\033[Hnew\033[31mred\tt");
	CU_ASSERT_STRING_EQUAL(row(0), "newred  t");
	CU_ASSERT_STRING_EQUAL(row(1), "");
	put("\r\n");
	for (unsigned i = 0; i < DISPLAY_COLUMNS + 3; i++)
		put("a");
	CU_ASSERT_STRING_EQUAL(row(2), "aaa");
	for (unsigned i = 0; i < DISPLAY_ROWS; i++)
		put("\r\nline");
	CU_ASSERT_STRING_EQUAL(row(0), "line");
	CU_ASSERT_STRING_EQUAL(row(DISPLAY_ROWS - 1), "line");
}

/* screen.2: whatever bytes come, it stays on the screen. */
static void
screen_takes_anything(void)
{
	uint8_t bytes[64];

	screen_init(&screen);
	srand(7);
	for (unsigned n = 0; n < 20000; n++) {
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(rand() % 4 == 0
				? "\033[;019HJKABCDG"[rand() % 14]
				: rand());
		screen_put(&screen, bytes, sizeof(bytes));
		if (screen.row >= DISPLAY_ROWS ||
		    screen.column > DISPLAY_COLUMNS || screen.last > CELLS)
			break;
	}
	CU_ASSERT(screen.row < DISPLAY_ROWS);
	CU_ASSERT(screen.column <= DISPLAY_COLUMNS);
	CU_ASSERT(screen.last <= CELLS);
}

/* keymap.1: letters, shift, control, caps, keys of terminals. */
static void
keys_type(void)
{
	struct keymap k = {.shift = false};
	uint8_t       b[KEYMAP_BYTES];

	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x1e, b), 1);
	CU_ASSERT_EQUAL(b[0], 'a');
	CU_ASSERT_EQUAL(keymap_type(&k, 0x1e, b), 0);
	(void)keymap_type(&k, INPUT_DOWN | 0x2a, b);
	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x1e, b), 1);
	CU_ASSERT_EQUAL(b[0], 'A');
	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x02, b), 1);
	CU_ASSERT_EQUAL(b[0], '!');
	(void)keymap_type(&k, 0x2a, b);
	(void)keymap_type(&k, INPUT_DOWN | 0x1d, b);
	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x12, b), 1);
	CU_ASSERT_EQUAL(b[0], 5); /* ^E */
	(void)keymap_type(&k, 0x1d, b);
	(void)keymap_type(&k, INPUT_DOWN | 0x3a, b);
	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x1e, b), 1);
	CU_ASSERT_EQUAL(b[0], 'A');
	CU_ASSERT_EQUAL(keymap_type(&k, INPUT_DOWN | 0x02, b), 1);
	CU_ASSERT_EQUAL(b[0], '1');
	CU_ASSERT_EQUAL(
	    keymap_type(&k, INPUT_DOWN | INPUT_EXTENDED | 0x48, b), 3);
	CU_ASSERT_EQUAL(memcmp(b, "\033[A", 3), 0);
	for (unsigned e = 0; e < 0x400; e++)
		CU_ASSERT(keymap_type(&k, e, b) <= KEYMAP_BYTES);
}

static struct console     console;
static struct seat        seat;
static struct order_ring *display, *keyboard;
static struct ring_end    shows, shown, keys, pressed;

static void
begin(void)
{
	size_t bytes = 3 * PAGE_SIZE;

	display = aligned_alloc(PAGE_SIZE, bytes);
	keyboard = aligned_alloc(PAGE_SIZE, bytes);
	CU_ASSERT_FATAL(display != NULL && keyboard != NULL);
	memset(display, 0, bytes);
	memset(keyboard, 0, bytes);
	console_init(&console);
	memset(&seat, 0, sizeof(seat));
	display->control.data_bytes = PAGE_SIZE;
	display->control.generation = keyboard->control.generation = 1;
	CU_ASSERT(seat_stale(&seat.display));
	/* A machine without screen and keyboard. */
	CU_ASSERT_FALSE(seat_show(&seat, &console));
	CU_ASSERT_FALSE(seat_keys(&seat, &console));
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 1, 1), SEAT_JOINED);
	CU_ASSERT_EQUAL(seat_keyboard(&seat, keyboard, 1), SEAT_JOINED);
	CU_ASSERT_FALSE(seat_stale(&seat.display));
	ring_begin(&shows, &display->control.request, ORDER_ENTRIES);
	ring_begin(&shown, &display->control.completion, ORDER_ENTRIES);
	ring_begin(&keys, &keyboard->control.request, ORDER_ENTRIES);
	ring_begin(&pressed, &keyboard->control.completion, ORDER_ENTRIES);
}

static void
end(void)
{
	free(display);
	free(keyboard);
}

/* The display's driver takes all orders; returns how many were to show. */
static unsigned
take_shows(void)
{
	uint32_t n = 0;
	unsigned count = 0;

	CU_ASSERT_EQUAL(ring_ready(&shows, &n), RC_OK);
	for (; n > 0; n--) {
		struct order_request rq = display
					      ->request[ring_place(&shows, 0)];

		ring_consume(&shows, 1);
		count += rq.op == DISPLAY_SHOW;
		display->completion[ring_place(&shown, 0)] =
		    (struct order_completion){.tag = rq.tag};
		(void)!ring_produce(&shown, 1);
	}
	return count;
}

/* seat.1: what a client writes is on the screen, with no serial line at all;
 * while an order is open nothing is written into the driver's part. */
static void
seat_shows_what_is_written(void)
{
	unsigned place;

	begin();
	(void)seat_show(&seat, &console);
	CU_ASSERT_EQUAL(take_shows(), 1);
	CU_ASSERT_EQUAL(console_write(&console, 1, "Hi", 2, &place), RC_OK);
	CU_ASSERT_EQUAL(console_pump(&console).written, 1);
	(void)seat_show(&seat, &console);
	CU_ASSERT_EQUAL(display->data[0], 'H');
	CU_ASSERT_EQUAL(display->data[2], 'i');
	CU_ASSERT_EQUAL(console_write(&console, 1, "\rX", 2, &place), RC_OK);
	(void)console_pump(&console);
	(void)seat_show(&seat, &console);
	CU_ASSERT_EQUAL(display->data[0], 'H');
	CU_ASSERT_EQUAL(take_shows(), 1);
	(void)seat_show(&seat, &console);
	CU_ASSERT_EQUAL(display->data[0], 'X');
	end();
}

/* seat.2: keys are typed, and waited for again. */
static void
seat_types(void)
{
	uint8_t  text[4];
	uint32_t n = 0;

	begin();
	CU_ASSERT_EQUAL(ring_ready(&keys, &n), RC_OK);
	CU_ASSERT_EQUAL(n, SEAT_KEYS);
	ring_consume(&keys, n);
	keyboard->completion[0] = (struct order_completion){
	    .tag = 3, .result = INPUT_DOWN | 0x1e};
	(void)!ring_produce(&pressed, 1);
	(void)seat_keys(&seat, &console);
	CU_ASSERT_EQUAL(console_take(&console, text, 4), 1);
	CU_ASSERT_EQUAL(text[0], 'a');
	CU_ASSERT_EQUAL(ring_ready(&keys, &n), RC_OK);
	CU_ASSERT_EQUAL(n, 1);
	end();
}

/* seat.3: drivers that lie are left alone; the console goes on. */
static void
seat_believes_nothing(void)
{
	unsigned place;

	begin();
	keyboard->control.completion.head = 1000;
	(void)seat_keys(&seat, &console);
	CU_ASSERT_FALSE(seat.keyboard.watch.connected);
	display->control.completion.head = 1000;
	(void)seat_show(&seat, &console);
	CU_ASSERT_FALSE(seat.display.watch.connected);
	CU_ASSERT_FALSE(console.shown);
	display->control.data_bytes = 100;
	display->control.generation = 2;
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 2, 1), SEAT_JOINED);
	CU_ASSERT_FALSE(seat.display.watch.connected);
	CU_ASSERT_EQUAL(console_write(&console, 1, "x", 1, &place), RC_OK);
	end();
}

/* seat.5: a driver that says more of its data area than is mapped is left
 * alone, and not joined again: nothing is written there. */
static void
seat_counts_pages(void)
{
	begin();
	display->control.generation = 2;
	display->control.data_bytes = UINT32_MAX;
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 2, 0), SEAT_BROKEN);
	CU_ASSERT_FALSE(seat.display.watch.connected);
	CU_ASSERT_FALSE(seat_show(&seat, &console));
	CU_ASSERT_FALSE(console.shown);
	display->control.data_bytes = PAGE_SIZE;
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 2, 1), SEAT_LATER);
	CU_ASSERT_FALSE(console.shown);
	display->control.generation = 3;
	display->control.data_bytes = PAGE_SIZE + 1;
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 3, 1), SEAT_BROKEN);
	CU_ASSERT_FALSE(seat_show(&seat, &console));
	/* Its successor is not to blame. */
	display->control.generation = 4;
	display->control.data_bytes = PAGE_SIZE;
	CU_ASSERT(seat_stale(&seat.display));
	CU_ASSERT_EQUAL(
	    seat_display(&seat, &console, display, 4, 1), SEAT_JOINED);
	CU_ASSERT(console.shown);
	end();
}

/* seat.6: a driver that writes another generation into its ring, that of a
 * device that is gone among them, is asked for again later and not at once. */
static void
seat_puts_liars_off(void)
{
	static const uint32_t lie[] = {0, 2, UINT32_MAX};

	for (unsigned i = 0; i < 3; i++) {
		begin();
		display->control.generation = lie[i];
		keyboard->control.generation = lie[i];
		CU_ASSERT(seat_stale(&seat.display));
		CU_ASSERT(seat_stale(&seat.keyboard));
		CU_ASSERT_EQUAL(
		    seat_display(&seat, &console, display, 1, 1), SEAT_LATER);
		CU_ASSERT_EQUAL(
		    seat_keyboard(&seat, keyboard, 1), SEAT_LATER);
		CU_ASSERT_FALSE(seat_stale(&seat.display));
		CU_ASSERT_FALSE(seat_stale(&seat.keyboard));
		CU_ASSERT_FALSE(seat_show(&seat, &console));
		CU_ASSERT_FALSE(seat_keys(&seat, &console));
		CU_ASSERT_FALSE(console.shown);
		seat_again(&seat);
		CU_ASSERT(seat_stale(&seat.display));
		CU_ASSERT(seat_stale(&seat.keyboard));
		end();
	}
}

/* seat.4: a hostile client fills its places; others have theirs. */
static void
hostile_client(void)
{
	unsigned    place, n = 0;
	static char flood[WRITE_BYTES];

	begin();
	memset(flood, 27, sizeof(flood));
	while (n < 100 &&
	    console_write(&console, 7, flood, sizeof(flood), &place) == RC_OK)
		n++;
	CU_ASSERT_EQUAL(n, WRITERS_OF_ONE);
	CU_ASSERT_EQUAL(console_write(&console, 1, "ok", 2, &place), RC_OK);
	CU_ASSERT_EQUAL(console_pump(&console).written, n + 1);
	CU_ASSERT_EQUAL(console.screen.cell[0] & 0xff, 'k');
	end();
}

const struct runner_test seat_tests[] = {
    RUNNER_TEST(screen_shows),
    RUNNER_TEST(screen_takes_anything),
    RUNNER_TEST(keys_type),
    RUNNER_TEST(seat_shows_what_is_written),
    RUNNER_TEST(seat_types),
    RUNNER_TEST(seat_believes_nothing),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(seat_counts_pages),
    RUNNER_TEST(seat_puts_liars_off),
    {NULL, NULL},
};
