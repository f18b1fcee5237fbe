/* SPDX-License-Identifier: BSD-2-Clause */
/* How the supervisor makes the proxies of one test; see proxy.h. */
#include <string.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/internal.h"
#include "testsuite/guest/proxy.h"

enum { STACK = 8192 };

/* Registers of the supervisor, which leaves these to us. */
enum maker_register {
	SERVICE = E,
	FRAMES = F,
	PROXY = G,
	PART = H,
};

extern uint8_t __ant_fs_block[];
static uint8_t stacks[1 + PROXY_SERVERS][STACK] __attribute__((aligned(16)));

static const struct {
	const char *test;
	unsigned    checks; /* That fail; 0: it hangs. */
} excepted[] = {
#define PROXY_LOOKS(kind, order, cap, first, last, but, what, why, test)
#define PROXY_USE(use, kind, what, why)
#define PROXY_EXCEPTION(test, use, checks, first) {#test, checks},
#include "testsuite/guest/proxy.def"
    {NULL, 0},
};

/* Frames handed out; those of the table are for good. */
static struct {
	uint64_t table, used;
	uint64_t node_frame;
	unsigned node_index;
} frames = {.node_index = FRAME_NODES};

static void
take_node(capreg to)
{
	if (frames.node_index == FRAME_NODES) {
		frames.node_frame = frames.used++;
		frames.node_index = 0;
	}
	OK(range_node(FRAMES, frames.node_frame, frames.node_index++, to));
}

bool
proxy_wanted(void)
{
	extra(X_PROXY_FRAMES, FRAMES);
	return kind_of(FRAMES) == CK_RANGE;
}

bool
proxy_hangs(const char *test)
{
	for (unsigned i = 0; excepted[i].test != NULL; i++)
		if (excepted[i].checks == 0 &&
		    strcmp(excepted[i].test, test) == 0)
			return true;
	return false;
}

void
proxy_open(void)
{
	extra(X_PROXY_FRAMES, FRAMES);
	take_node(SERVICE);
	OK(node_swap(R_EXTRA, X_PROXY_TABLE, SERVICE, REG_NONE));
	for (unsigned i = 0; i < PROXY_MOST / NODE_SLOTS; i++) {
		if (i % NODE_SLOTS == 0) {
			take_node(PART);
			OK(node_swap(SERVICE, i / NODE_SLOTS, PART, REG_NONE));
		}
		take_node(PROXY);
		OK(node_swap(PART, i % NODE_SLOTS, PROXY, REG_NONE));
	}
	frames.table = frames.used;
}

/* A process in PROXY that will run as this instance. */
static void
make_process(uint64_t instance)
{
	uint64_t *top = (uint64_t *)(void *)(stacks[instance] + STACK);
	struct register_set r = {
	    .regs.rip = (uintptr_t)proxy_run,
	    .regs.rdi = instance,
	    .regs.rflags = 0x202,
	    .regs.rsp = (uintptr_t)(top - 3),
	    .fs_base = (uintptr_t)__ant_fs_block,
	};

	take_node(PROXY);
	OK(range_page(FRAMES, frames.used++, PART));
	OK(node_make_process(PROXY, PART, PROXY));
	OK(process_get(R_SELF, SLOT_SPACE, PART));
	OK(process_swap(PROXY, SLOT_SPACE, PART, REG_NONE));
	extra(X_SCHEDULE, PART);
	OK(process_swap(PROXY, SLOT_SCHEDULE, PART, REG_NONE));
	OK(process_name(PROXY, "proxy", 5));
	OK(process_set_registers(PROXY, &r, sizeof(r)));
	OK(process_swap(PROXY, P_DISCRIM, R_DISCRIM, REG_NONE));
	extra(X_PROXY_TABLE, PART);
	OK(process_swap(PROXY, P_TABLE, PART, REG_NONE));
}

/* X_SPARE, which is void between tests, holds the pool meanwhile. */
static void
make_first(void)
{
	make_process(0);
	take_node(PART);
	OK(process_swap(PROXY, P_POOL, PART, REG_NONE));
	OK(node_swap(PART, 0, PROXY, REG_NONE));
	OK(node_swap(R_EXTRA, X_SPARE, PART, REG_NONE));
	take_node(R_RT);
	OK(process_swap(PROXY, P_BRAND, R_RT, REG_NONE));
	OK(process_swap(PROXY, SLOT_BRAND, R_RT, REG_NONE));
	OK(process_make_start(PROXY, PROXY_WRAP, SERVICE));
	OK(process_start(PROXY));
}

/* The brand is in R_RT. */
static void
make_server(unsigned i)
{
	make_process(i);
	OK(process_swap(PROXY, SLOT_BRAND, R_RT, REG_NONE));
	OK(process_swap(PROXY, P_SERVICE, SERVICE, REG_NONE));
	OK(node_get(R_EXTRA, X_SPARE, PART));
	OK(node_swap(PART, i, PROXY, REG_NONE));
	OK(process_start(PROXY));
}

void
proxy_begin(void)
{
	proxy_table_reset();
	frames.used = frames.table;
	frames.node_index = FRAME_NODES;
	extra(X_PROXY_FRAMES, FRAMES);
	make_first();
	for (unsigned i = 1; i <= PROXY_SERVERS; i++)
		make_server(i);
	OK(node_swap(R_EXTRA, X_SPARE, REG_NONE, REG_NONE));
}

void
proxy_wrap(capreg from, capreg to)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, SERVICE) |
		CONTROL_SEND(0, from) | CONTROL_RECEIVE(0, to),
	};

	ant_invoke_words(&m);
	CHECK_IS(message_status(&m), RC_OK);
}

void
proxy_end(void)
{
	extra(X_PROXY_FRAMES, FRAMES);
	for (uint64_t i = frames.table; i < frames.used; i++)
		OK(range_free(FRAMES, i));
}
