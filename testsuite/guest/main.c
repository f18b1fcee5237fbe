/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: runs each test in a worker process, with a deadline.
 *
 * A worker that has finished returns to X_DONE; one that faults comes through
 * X_FAULT, as its keeper; one that does neither is ended by the alarm.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/conform.h"
#include "testsuite/guest/internal.h"
#include "testsuite/guest/proxy.h"

#define GUEST_TEST(name) void test_##name(void);
#include "testsuite/guest/tests.def"
#undef GUEST_TEST

static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
#define GUEST_TEST(name) {#name, test_##name},
#include "testsuite/guest/tests.def"
#undef GUEST_TEST
};

/* Data of the start capabilities in the extra node. */
enum {
	DATA_DONE = 1,
	DATA_FAULT = 2,
	DATA_NO_CALL = 3, /* Sent by a test; nothing to be done. */
};

enum {
	UART = 0x3f8,
	UART_LSR = 5,
	UART_EMPTY = 0x20,
	UART_TRIES = 50000000,
	FRAMES_MOST = 1 << 15, /* More than the machine has. */
	ALARM_BIT = 0,
	WORKER = A, /* Registers of the supervisor. */
	ALARM = B,
	ROOT = C,
	RESUME = D,
};

static const uint64_t deadline_ns = UINT64_C(10000000000);

/* The proxies make each call some fifteen times as long. */
static const uint64_t proxied_ns = UINT64_C(60000000000);

/* Of a test that is to wait for what never comes. */
static const uint64_t hangs_ns = UINT64_C(3000000000);

static bool proxying; /* The second run: see proxy.h. */

extern uint8_t __ant_fs_block[];
static uint8_t worker_stack[4 * STACK_BYTES] __attribute__((aligned(16)));

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

static void
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

/* The serial port, in the I/O slot. */
static void
open_uart(void)
{
	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, UART, 8, "guest", 5, A));
	OK(process_swap(R_SELF, SLOT_IO, A, 0));
}

/* In the worker. */
static void
worker(const struct test *t)
{
	struct message m = {.control = control_make(INVOKE_RETURN, A)};

	t->run();
	extra(X_DONE, A);
	ant_invoke(&m);
}

/* What the worker holds: a proxy of it, in the second run. */
static void
worker_give(capreg cap)
{
	const unsigned slot = cap == WORKER ? R_SELF : cap;

	if (proxying)
		proxy_wrap(cap, R_RT);
	OK(process_swap(WORKER, slot, proxying ? R_RT : cap, 0));
}

static uint64_t
time_for(const struct test *t)
{
	if (!proxying)
		return deadline_ns;
	return proxy_hangs(t->name) ? hangs_ns : proxied_ns;
}

static void
worker_start(const struct test *t)
{
	uint64_t           *top = (uint64_t *)(void *)(worker_stack +
            sizeof(worker_stack));
	struct register_set r = {
	    .regs.rip = (uintptr_t)worker,
	    .regs.rdi = (uintptr_t)t,
	    .regs.rflags = 0x202,
	    .regs.rsp = (uintptr_t)(top - 3),
	    .fs_base = (uintptr_t)__ant_fs_block,
	};

	process_build(WORKER, PRIORITY_WORKER);
	OK(process_name(WORKER, "worker", 6));
	OK(process_set_registers(WORKER, &r, sizeof(r)));
	worker_give(R_LOG);
	worker_give(R_RANGE);
	worker_give(R_CLOCK);
	worker_give(WORKER);
	worker_give(R_DISCRIM);
	worker_give(R_EXTRA);
	extra(X_FAULT, R_RT);
	OK(process_swap(WORKER, SLOT_KEEPER, R_RT, 0));
	OK(clock_alarm(R_CLOCK, now_ns() + time_for(t), ALARM));
	OK(process_start(WORKER));
}

/* Wait until it has finished, one way or the other. */
static void
worker_wait(void)
{
	for (;;) {
		struct message m = {
		    .control = control_make(INVOKE_RETURN, 0) |
			CONTROL_RECEIVE(3, RESUME),
		};

		ant_invoke(&m);
		if (message_source(&m) == FROM_NOTICE) {
			CHECK(!"it finished in time");
			return;
		}
		if (message_data(&m) == DATA_FAULT) {
			run.failures++;
			snprintf(run.what, sizeof(run.what),
			    "fault %lu at %#lx, access %lu, pc %#lx", m.word[1],
			    m.word[2], m.word[3], m.word[4]);
			return;
		}
		if (message_data(&m) == DATA_DONE)
			return;
	}
}

/* What a test that failed has left of all there is, as far as memory goes. */
static void
free_all(void)
{
	extra(X_ALL_FRAMES, ROOT);
	for (uint64_t i = 0; i < FRAMES_MOST; i++)
		OK(range_free(ROOT, i));
}

/* Frames, mappings and alarm: as if the test had never been. */
static void
clean_up(void)
{
	ignore_status(clock_cancel(R_CLOCK, ALARM));
	if (run.all_frames && check_failed())
		free_all();
	for (uint64_t i = 0; i < run.frame; i++)
		OK(range_free(R_RANGE, i));
	OK(process_get(R_SELF, SLOT_SPACE, ROOT));
	for (unsigned i = 0; i < WINDOWS; i++)
		if (run.windows >> i & 1)
			OK(node_swap(ROOT, WINDOW_FIRST + i, 0, 0));
}

static bool
run_test(const struct test *t)
{
	char line[256];

	memset(&run, 0, sizeof(run));
	memset(seen, 0, sizeof(seen));
	run.frame = 1; /* new_node takes 0 for none. */
	for (unsigned i = 0; i < sizeof(board) / sizeof(board[0]); i++)
		board[i] = 0;
	snprintf(line, sizeof(line), "test %s\n", t->name);
	ignore_status(log_write(R_LOG, line, strlen(line)));
	if (proxying)
		proxy_begin();
	worker_start(t);
	worker_wait();
	clean_up();
	if (proxying)
		proxy_end();
	if (run.failures == 0 && run.checks > 0)
		snprintf(line, sizeof(line), "pass %s\n", t->name);
	else
		snprintf(line, sizeof(line), "fail %s %s (%u of %u)\n", t->name,
		    run.checks > 0 ? run.what : "nothing was checked",
		    run.failures, run.checks);
	say(line);
	return run.failures == 0;
}

int
main(void)
{
	const unsigned n = sizeof(tests) / sizeof(tests[0]);
	unsigned       failed = 0;
	char           line[64];

	open_uart();
	proxying = proxy_wanted();
	if (proxying)
		proxy_open();
	OK(process_make_notice(R_SELF, ALARM_BIT, ALARM));
	if (check_failed()) {
		ignore_status(log_write(R_LOG, run.what, strlen(run.what)));
		return 1;
	}
	for (unsigned i = 0; i < n; i++)
		if (!run_test(&tests[i]))
			failed++;
	conform_print(say);
	snprintf(line, sizeof(line), "guest: %u passed, %u failed\n",
	    n - failed, failed);
	say(line);
	return 0;
}
