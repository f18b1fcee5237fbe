/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conformance tests of the kernel's interface, run in domains.
 *
 * A supervisor (main.c) runs each test of tests.def in a fresh worker process
 * and prints one line for it on the first serial port and in the kernel's log:
 * `pass NAME` or `fail NAME file:line what`. The worker may build peers:
 * processes that share its address space but for what the test changes. After
 * each test all frames of the arena are freed, so nothing is left.
 *
 * Priorities: the supervisor 15, workers 8. A peer of a higher priority runs
 * at once when it is started or called, so no test needs to sleep.
 */
#ifndef TESTSUITE_GUEST_GUEST_H
#define TESTSUITE_GUEST_GUEST_H

#include "kernel/abi/cap.h"
#include "kernel/abi/process.h"
#include "userland/rt/invoke.h"

/* Capability registers of supervisor and worker. */
enum guest_register {
	R_LOG = 1,
	R_RANGE = 2, /* The arena: ephemeral frames. */
	R_CLOCK = 3,
	R_SELF = 4, /* The own process. */
	R_DISCRIM = 5,
	R_EXTRA = 6, /* The node of enum extra_slot. */
	R_RT = 7,    /* Used by the helpers. */
	A = 8,       /* 8-15 are the test's. */
	B,
	C,
	D,
	E,
	F,
	G,
	H,
};

/* The node in R_EXTRA; filled by system.dts. */
enum extra_slot {
	X_SCHEDULE,
	X_KINFO,
	X_NUMBER,
	X_LOG_READ_ONLY,
	X_IRQ_SPACE,
	X_PORT_SPACE,
	X_MMIO_SPACE,
	X_DMA_SPACES,
	X_SERVICE,         /* Boot service 1: a number. */
	X_SERVICE_UNKNOWN, /* Boot service 40. */
	X_DONE,            /* Start: the worker has finished. */
	X_FAULT,           /* Start: the worker's keeper. */
	X_NO_CALL,         /* Start without the right to call. */
	X_OTHER_NUMBER,
	X_ALL_FRAMES, /* A range of more than there is memory. */
	X_IRQ_READ_ONLY,
	X_PORT_READ_ONLY,
	X_MMIO_READ_ONLY,
	X_DMA_READ_ONLY,
	X_CACHE,
	X_PAGER,
	X_SNAPSHOT,
	X_RESET,
	X_RING, /* A node with the pages of a pager ring. */
	X_KINFO_OPAQUE,
	X_SCHEDULE_TOP, /* Of priority 15. */
	X_PROXY_FRAMES, /* Frames for proxies (proxy.h); void: without them. */
	X_PROXY_TABLE,  /* What they stand for. */
	X_LIBRARY = 30, /* Void: used by lib.c. */
	X_SPARE,        /* Void: for a test that needs one more place. */
};

enum {
	NUMBER_VALUE = 0x1234567,
	SERVICE_VALUE = 77,
	PRIORITY_WORKER = 8,
	PRIORITY_HIGH = 10,
	PRIORITY_LOW = 6,
	PRIORITY_MOST = 14, /* Of X_SCHEDULE. */

	ARENA_FRAMES = 256,
	WINDOW_FIRST = 1, /* Root slots for mappings of 2^27 bytes. */
	WINDOWS = 16,
	WINDOW_SHIFT = 27,
	PEERS = 12,
	STACK_BYTES = 16384,
};

/* --- Checks -------------------------------------------------------------- */

/* Records a failure of the running test; the first one is printed. */
void check_true(bool ok, const char *file, int line, const char *what);
void check_equal(
    uint64_t got, uint64_t want, const char *file, int line, const char *what);
bool check_failed(void);

#define CHECK(c) check_true((c), __FILE__, __LINE__, #c)
#define CHECK_IS(e, want) \
	check_equal((uint64_t)(e), (uint64_t)(want), __FILE__, __LINE__, #e)
#define OK(e) CHECK_IS(e, RC_OK)

/* --- Objects ------------------------------------------------------------- */

/* Bought from the arena, zero. */
void new_page(capreg to);
void new_node(capreg to);

/* Frames of the arena not yet handed out, as positions in R_RANGE. */
uint64_t new_frame(void);

/* Copies a slot of the extra node. */
void extra(enum extra_slot slot, capreg to);

/* enum cap_kind of what a register holds; CK_VOID if it is dead. */
unsigned kind_of(capreg r);
bool     same_cap(capreg a, capreg b);

/* Copy a register (through the own process). */
void cap_copy(capreg from, capreg to);

/* --- Peers --------------------------------------------------------------- */

/*
 * A process in this address space that will run fn(argument), then wait for
 * ever. It has no capabilities yet, not even a keeper.
 */
void peer_new(
    capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority);

/* Put a capability into its register or slot. */
void peer_give(capreg peer, unsigned slot, capreg cap);
void peer_start(capreg peer);

/* Make it, give it nothing, and start it. */
void peer_spawn(
    capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority);

/* Let it run fn from the start again, whatever it was doing. */
void peer_rerun(capreg peer, void (*fn)(uint64_t), uint64_t argument);

enum process_state peer_state(capreg peer);
enum fault_code    peer_fault(capreg peer);

/* Destroy: by the position and index that the arena has for it. */
void peer_destroy(capreg peer);

/* A start capability for the worker itself, and for a peer. */
void self_start(unsigned data, capreg to);
void start_of(capreg peer, unsigned data, capreg to);

/* --- Messages ------------------------------------------------------------ */

/* Become available; the capabilities of what comes go to E, F, G and H. */
void wait_message(struct message *m);

/* Call with one word, no string, no capabilities; gives word 0. */
uint64_t call1(capreg to, uint64_t word);

/* Send one word. */
uint64_t send1(capreg to, uint64_t word);

/* Reply by send to the resume or restart capability. */
uint64_t reply1(capreg to, uint64_t word);

/*
 * A server that answers each call with its own words, capabilities and string;
 * seen[] counts and keeps the last message.
 */
void echo_server(uint64_t instance);

struct seen {
	volatile unsigned count;
	struct message    last;
};
extern struct seen seen[PEERS];
extern uint8_t     echo_buffer[STRING_MAX + 2 * PAGE_SIZE];

/* --- Address space ------------------------------------------------------- */

/* Map a segment into window i (0-15), at window(i). */
void map_window(unsigned i, capreg segment);

/* Two pages, the one behind the other. */
void map_pages(unsigned i, capreg first, capreg second);

static inline void *
window(unsigned i)
{
	return (void *)((uintptr_t)(WINDOW_FIRST + i) << WINDOW_SHIFT);
}

/*
 * Do what a read, write or call of an address does, in a peer whose keeper is
 * the worker. Uses D for the peer. FAULT_NONE: it worked.
 */
enum fault_code probe(const volatile void *address, enum fault_access access);

/* The keeper's message of the last probe that faulted. */
extern struct message probe_fault;

/* --- Time ---------------------------------------------------------------- */

uint64_t now_ns(void);

/*
 * Wait, available, until the alarm of so many nanoseconds; gives false if
 * something else came first, which is in *m. Uses R_RT and notice bit 60.
 */
bool wait_ns(uint64_t ns, struct message *m);

/* Let others run until it is so; a failure if that takes five seconds. */
#define WAIT_FOR(c)                                                    \
	do {                                                           \
		const uint64_t end_ = now_ns() + UINT64_C(5000000000); \
		struct message m_;                                     \
                                                                       \
		while (!(c) && now_ns() < end_)                        \
			CHECK(wait_ns(1000000, &m_));                  \
		CHECK(c);                                              \
	} while (0)

/* What tests share with peers. */
extern volatile uint64_t board[16];

#endif
