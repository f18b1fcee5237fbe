/* SPDX-License-Identifier: BSD-2-Clause */
/* The benchmarks of the kernel, one line each on the first serial port. */
#include "testsuite/bench/domain/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/internal.h"

enum {
	PORTS = 0x2f8, /* Of both serial ports, and between. */
	PORT_COUNT = 0x108,
	UART = 0x3f8,
	UART_LSR = 5,
	UART_EMPTY = 0x20,
};

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
say(const char *format, ...)
{
	char    line[200];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	for (const char *p = line; *p != '\0'; p++) {
		while ((in8(UART + UART_LSR) & UART_EMPTY) == 0)
			;
		out8(UART, (uint8_t)*p);
	}
}

void
measure(const char *name, uint64_t (*run_once)(void))
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < WARM_UP + REPEAT; i++) {
		uint64_t t;

		if (i == WARM_UP + REPEAT - 2)
			bench_mark_start();
		t = run_once();
		if (i == WARM_UP + REPEAT - 2)
			bench_mark_stop();
		if (i >= WARM_UP && t < least)
			least = t;
	}
	say("%s\t%lu\n", name, least);
}

void
peer_apart(
    capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority)
{
	uint64_t at = new_frame();

	peer_new(to, fn, argument, priority);
	OK(range_node(R_RANGE, at, 0, H));
	OK(node_segment(H, 32, H));
	OK(process_get(R_SELF, SLOT_SPACE, R_RT));
	OK(node_copy(H, R_RT));
	peer_give(to, SLOT_SPACE, H);
}

/* Each group begins with nothing: no peers, no mappings. */
static void
group(void (*bench)(void))
{
	memset(&run, 0, sizeof(run));
	run.frame = 1;
	bench();
	if (check_failed())
		say("bench: failed: %s\n", run.what);
	for (uint64_t i = 0; i < run.frame; i++)
		OK(range_free(R_RANGE, i));
	OK(process_get(R_SELF, SLOT_SPACE, A));
	for (unsigned i = 0; i < WINDOWS; i++)
		OK(node_swap(A, WINDOW_FIRST + i, 0, 0));
}

int
main(void)
{
	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, PORTS, PORT_COUNT, "bench", 5, A));
	OK(process_swap(R_SELF, SLOT_IO, A, 0));
	group(bench_invoke);
	group(bench_fault);
	group(bench_process);
	/* Before this domain gets notices, and an activity of its own (S2). */
	group(bench_services);
	group(bench_irq);
	group(bench_longest);
	group(bench_sharing);
	group(bench_pager); /* From here on there is a persistent range. */
	say("bench: done\n");
	return 0;
}
