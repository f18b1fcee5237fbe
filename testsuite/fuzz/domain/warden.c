/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The warden: builds the workers, starts them anew with another seed when they
 * have hurt themselves, says how far they are, and ends.
 *
 * Its memory is out of the workers' reach, and it runs before all of them; so
 * if it does not end in time, or something panics, the kernel is at fault.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/number.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/fuzz/domain/fuzz.h"

/* As system.dts fills them; from R_FREE on they are the warden's own. */
enum warden_register {
	R_LOG = 1,
	R_RANGE,
	R_CLOCK,
	R_SELF,
	R_DISCRIM,
	R_EXTRA,
	R_FREE,
	ARENA = R_FREE, /* Of the worker in hand. */
	ROOT,
	NODE,
	PAGE,
	BAG,
	PROCESS,
	ALARM,
	TABLE, /* Slot w: the process of worker w. */
	RESUME,
};

enum extra_slot {
	X_SEED,
	X_SECONDS,
	X_PORT_SPACE,
	X_KINFO,
	X_SCHEDULE,
	X_BAG, /* What goes into each worker's bag. */
	X_MMIO_SPACE,
};

enum {
	UART = 0x3f8,
	UART_LSR = 5,
	UART_EMPTY = 0x20,
	UART_TRIES = 50000000,
	OWN_FRAMES = 64,
	FIRST_BUILT = 128, /* Position: what is fuzzed most lies below. */
	HURT_MOST = 40, /* Faults; then it is built anew. */
	TICK_NS = 5000000,
	TICKS_BETWEEN = 8, /* Unasked rebuilds. */
	MMIO_AT = 0xd0000000, /* Nothing answers there. */
	PORTS_AT = 0x7000,
};

static const uint64_t second_ns = 1000000000;

extern uint8_t __ant_fs_block[];

static struct {
	uint64_t seed, rebuilds, faults, own_frame;
	uint64_t at[WORKERS]; /* The next position in its arena. */
	unsigned hurt[WORKERS]; /* Faults since it was built. */
} warden;

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

static void
must(enum status st, const char *what)
{
	char line[160];

	if (st == RC_OK)
		return;
	snprintf(line, sizeof(line), "fuzz: warden: %s: %d\n", what, (int)st);
	say(line);
}

#define MUST(e) must((e), #e)

static void
extra(enum extra_slot slot, capreg to)
{
	MUST(node_get(R_EXTRA, slot, to));
}

static uint64_t
number(enum extra_slot slot)
{
	uint64_t v = 0;

	extra(slot, NODE);
	MUST(number_get(NODE, &v, NULL));
	return v;
}

static uint64_t
now_ns(void)
{
	uint64_t boot = 0;

	MUST(clock_now(R_CLOCK, &boot, NULL, NULL));
	return boot;
}

static uint64_t
invocations(void)
{
	struct kinfo_counters c = {0};

	extra(X_KINFO, NODE);
	MUST(kinfo_counters(NODE, &c, sizeof(c), NULL));
	return c.invocations;
}

/* --- Building ------------------------------------------------------------- */

/* The next frame of its arena that can be had; some are pinned for good. */
static bool
new_page(unsigned w, capreg to)
{
	while (warden.at[w] < ARENA_FRAMES)
		if (range_page(ARENA, warden.at[w]++, to) == RC_OK)
			return true;
	return false;
}

static bool
new_node(unsigned w, capreg to)
{
	while (warden.at[w] < ARENA_FRAMES)
		if (range_node(ARENA, warden.at[w]++, 0, to) == RC_OK)
			return true;
	return false;
}

/* The image as it cannot be changed by any way, and 28 pages. */
static bool
build_space(unsigned w)
{
	if (!new_node(w, ROOT) || !new_node(w, NODE))
		return false;
	MUST(node_segment(ROOT, SLOT_SHIFT + NODE_SHIFT, ROOT));
	MUST(node_segment(NODE, PAGE_SHIFT + NODE_SHIFT, NODE));
	for (unsigned i = 0; i < STACK_PAGES + SCRATCH_PAGES; i++) {
		if (!new_page(w, PAGE))
			return false;
		MUST(node_swap(NODE, i, PAGE, 0));
	}
	MUST(node_swap(ROOT, 1, NODE, 0));
	MUST(process_get(R_SELF, SLOT_SPACE, NODE));
	MUST(node_get(NODE, 0, NODE));
	MUST(node_restrict(NODE, CR_READ_ONLY | CR_WEAK, NODE));
	MUST(node_swap(ROOT, 0, NODE, 0));
	return true;
}

static void
give(unsigned slot, capreg cap)
{
	MUST(process_swap(PROCESS, slot, cap, 0));
}

static void
give_registers(unsigned w)
{
	give(SLOT_SPACE, ROOT);
	extra(X_SCHEDULE, NODE);
	MUST(schedule_lower(NODE, WORKER_PRIORITY, NODE));
	give(SLOT_SCHEDULE, NODE);
	give(W_SCHEDULE, NODE);
	give(W_RANGE, ARENA);
	give(W_SELF, PROCESS);
	give(W_CLOCK, R_CLOCK);
	give(W_DISCRIM, R_DISCRIM);
	extra(X_KINFO, NODE);
	give(W_KINFO, NODE);
	extra(X_BAG, NODE);
	MUST(node_copy(BAG, NODE));
	give(W_BAG, BAG);
	MUST(process_make_start(R_SELF, w + 1, NODE));
	give(SLOT_KEEPER, NODE);
	/* A neighbour, if it lives. */
	MUST(node_get(TABLE, (w + 1) % WORKERS, NODE));
	give(W_NEXT_PROCESS, NODE);
	if (process_make_start(NODE, w, NODE) == RC_OK)
		give(W_NEXT_START, NODE);
}

static bool
start(void)
{
	struct {
		struct registers regs;
		uint64_t         fs_base, gs_base;
	} r = {
	    .regs.rip = (uintptr_t)worker,
	    .regs.rdi = random_next(&warden.seed),
	    .regs.rflags = 0x202,
	    .regs.rsp = WORKER_STACK - 8,
	    .fs_base = (uintptr_t)__ant_fs_block,
	};

	return process_set_registers(PROCESS, &r, sizeof(r)) == RC_OK &&
	    process_start(PROCESS) == RC_OK;
}

/* Whatever it was and had is gone; then it is there again. */
static void
rebuild(unsigned w)
{
	MUST(range_split(R_RANGE, OWN_FRAMES + w * ARENA_FRAMES, ARENA_FRAMES,
	    ARENA));
	for (uint64_t i = 0; i < ARENA_FRAMES; i++)
		ignore_status(range_free(ARENA, i)); /* DMA pins some. */
	warden.at[w] = FIRST_BUILT;
	warden.rebuilds++;
	warden.hurt[w] = 0;
	if (!build_space(w) || !new_node(w, PROCESS) || !new_page(w, PAGE) ||
	    !new_node(w, BAG))
		return; /* Another one has all the memory: next time. */
	MUST(node_make_process(PROCESS, PAGE, PROCESS));
	give_registers(w);
	MUST(node_swap(TABLE, w, PROCESS, 0));
	if (!start())
		say("fuzz: warden: a worker cannot be started\n");
}

/* --- Watching ------------------------------------------------------------- */

/* Let it go on with another seed, if there is still enough of it. */
static void
restart(unsigned w)
{
	MUST(node_get(TABLE, w, PROCESS));
	if (warden.hurt[w] > HURT_MOST || process_stop(PROCESS) != RC_OK ||
	    !start())
		rebuild(w);
}

/* Is it dead, faulted, or does it wait for what may never come? */
static void
look_after(unsigned w)
{
	uint64_t state = PS_WAITING;

	MUST(node_get(TABLE, w, PROCESS));
	if (process_state(PROCESS, &state, NULL, NULL, NULL) != RC_OK)
		rebuild(w);
	else if (state != PS_RUNNING)
		restart(w);
}

static void
tick(unsigned n)
{
	MUST(clock_alarm(R_CLOCK, now_ns() + TICK_NS, ALARM));
	if (n % TICKS_BETWEEN == 0)
		rebuild(n / TICKS_BETWEEN % WORKERS);
	for (unsigned w = 0; w < WORKERS; w++)
		look_after(w);
}

/* Its registers and memory may be lost; it is tried a few times. */
static void
fault(unsigned w)
{
	warden.faults++;
	warden.hurt[w]++;
	restart(w);
}

static void
report(const char *word)
{
	char line[128];

	snprintf(line, sizeof(line),
	    "fuzz: %s%lu invocations, %lu faults, %lu rebuilds\n", word,
	    invocations(), warden.faults, warden.rebuilds);
	say(line);
}

/* Ticks come as notices, faults as calls; a worker may also just call. */
static void
watch(uint64_t end)
{
	uint64_t next = now_ns() + second_ns;
	unsigned n = 0;

	while (now_ns() < end) {
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
	MUST(range_node(R_RANGE, 0, 0, TABLE));
	MUST(process_make_notice(R_SELF, 0, ALARM));
	for (unsigned w = 0; w < WORKERS; w++)
		rebuild(w);
	tick(0);
	watch(now_ns() + number(X_SECONDS) * second_ns);
	report("done, ");
	return 0;
}
