/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The warden of the boot range: its workers have devices to spoil, and there is
 * no store. It says how far they are on the serial port, which is its own.
 */
#include "testsuite/fuzz/domain/warden.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/log.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"

enum own_extra {
	X_PORT_SPACE = X_OWN,
	X_MMIO_SPACE,
};

enum {
	UART = 0x3f8,
	UART_LSR = 5,
	UART_EMPTY = 0x20,
	UART_TRIES = 50000000,
	OWN_FRAMES = 64,
	FIRST_BUILT = 128, /* Position: what is fuzzed most lies below. */
	TICKS_BETWEEN = 8, /* Unasked rebuilds. */
	MMIO_AT = 0xd0000000, /* Nothing answers there. */
	PORTS_AT = 0x7000,
};

static const uint64_t second_ns = 1000000000;

static uint64_t at[WORKERS]; /* The next position in its arena. */

/* --- Saying so ------------------------------------------------------------ */

static inline uint8_t
in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void
out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

void
say(const char *line)
{
	ignore_status(log_write(R_LOG, line, strlen(line)));
	for (const char *p = line; *p != '\0'; p++) {
		for (unsigned i = 0; i < UART_TRIES; i++)
			if (in8(UART + UART_LSR) & UART_EMPTY)
				break;
		out8(UART, (uint8_t)*p);
	}
}

/* --- What workers are made of --------------------------------------------- */

bool
arena_again(unsigned w)
{
	MUST(range_split(R_OBJECTS, OWN_FRAMES + w * ARENA_FRAMES,
	    ARENA_FRAMES, ARENA));
	for (uint64_t i = 0; i < ARENA_FRAMES; i++)
		ignore_status(range_free(ARENA, i)); /* DMA pins some. */
	at[w] = FIRST_BUILT;
	return true;
}

/* The next frame of its arena that can be had; some are pinned for good. */
bool
new_page(unsigned w, capreg to)
{
	while (at[w] < ARENA_FRAMES)
		if (range_page(ARENA, at[w]++, to) == RC_OK)
			return true;
	return false;
}

bool
new_node(unsigned w, capreg to)
{
	while (at[w] < ARENA_FRAMES)
		if (range_node(ARENA, at[w]++, 0, to) == RC_OK)
			return true;
	return false;
}

void
give_more(unsigned w)
{
	(void)w;
}

/* --- Watching ------------------------------------------------------------- */

static void
report(const char *word)
{
	char line[128];

	snprintf(line, sizeof(line),
	    "fuzz: %s%lu invocations, %lu faults, %lu rebuilds\n", word,
	    warden.invocations, warden.faults, warden.rebuilds);
	say(line);
}

static void
tick(unsigned n)
{
	set_alarm();
	if (n % TICKS_BETWEEN == 0)
		rebuild(n / TICKS_BETWEEN % WORKERS);
	for (unsigned w = 0; w < WORKERS; w++)
		look_after(w);
}

/* Ticks come as notices, faults as calls; a worker may also just call. */
static void
watch(uint64_t end)
{
	uint64_t next = now_ns() + second_ns;
	unsigned n = 0;

	while (warden.invocations < end) {
		struct message m = {
		    .control = control_make(INVOKE_RETURN, 0) |
			CONTROL_RECEIVE(3, RESUME),
		};

		ant_invoke(&m);
		if (message_source(&m) == FROM_NOTICE)
			tick(n++);
		else if (message_data(&m) >= 1 && message_data(&m) <= WORKERS)
			fault((unsigned)message_data(&m) - 1);
		if (now_ns() >= next) {
			report("");
			next += second_ns;
		}
	}
}

static void
open_uart(void)
{
	extra(X_PORT_SPACE, NODE);
	MUST(port_space_alloc(NODE, UART, 8, "fuzz", 4, PAGE));
	MUST(process_swap(R_SELF, SLOT_IO, PAGE, 0));
	MUST(port_space_alloc(NODE, PORTS_AT, 16, "prey", 4, PAGE));
	extra(X_BAG, BAG);
	MUST(node_swap(BAG, 20, PAGE, 0));
	extra(X_MMIO_SPACE, NODE);
	MUST(mmio_space_alloc(
	    NODE, MMIO_AT, 16 * PAGE_SIZE, 0, "prey", 4, PAGE));
	MUST(node_swap(BAG, 21, PAGE, 0));
}

int
main(void)
{
	char line[64];

	open_uart();
	warden.seed = number(X_SEED) | 1;
	snprintf(line, sizeof(line), "fuzz: seed %lu\n", warden.seed);
	say(line);
	MUST(range_node(R_OBJECTS, 0, 0, TABLE));
	MUST(process_make_notice(R_SELF, 0, ALARM));
	for (unsigned w = 0; w < WORKERS; w++)
		rebuild(w);
	tick(0);
	watch(number(X_COUNT));
	report("done, ");
	return 0;
}
