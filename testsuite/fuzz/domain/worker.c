/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: random invocations of whatever its registers hold, mixed with the
 * short sequences that give it something to invoke.
 */
#include "kernel/abi/node.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "testsuite/fuzz/domain/fuzz.h"
#include "userland/rt/idl/bank.order.h"

enum { ORDERS = 14, MOSTLY_POSITIONS = 96 };

struct fuzz {
	uint64_t state;
};

/* One more; lost when it is interrupted in the middle. */
static void
count(void)
{
	++*(volatile uint64_t *)WORKER_COUNT;
}

static uint64_t
below(struct fuzz *f, uint64_t n)
{
	return random_next(&f->state) % n;
}

static unsigned
any_register(struct fuzz *f)
{
	return (unsigned)below(f, CAP_REGISTERS);
}

/* One that is not needed to go on, mostly. */
static unsigned
result_register(struct fuzz *f)
{
	return below(f, 64) == 0
	    ? any_register(f)
	    : W_FIRST_FREE +
		(unsigned)below(f, CAP_REGISTERS - W_FIRST_FREE);
}

/* A number that has found errors before. */
static uint64_t
any_word(struct fuzz *f)
{
	const uint64_t shift = below(f, 64);

	switch (below(f, 10)) {
	case 0:
		return below(f, 64);
	case 1:
		return below(f, ARENA_FRAMES + 4);
	case 2:
		return UINT64_C(1) << shift;
	case 3:
		return (UINT64_C(1) << shift) - 1;
	case 4:
		return UINT64_MAX - below(f, 64);
	case 5:
		return WORKER_BASE + below(f, 33 * PAGE_SIZE);
	case 6:
		return random_next(&f->state);
	case 7:
		return below(f, MOSTLY_POSITIONS);
	default:
		return below(f, 16);
	}
}

static uint64_t
any_address(struct fuzz *f)
{
	switch (below(f, 16)) {
	case 0:
		return (UINT64_C(1) << USER_SPAN) - below(f, 2 * PAGE_SIZE);
	case 1:
		return any_word(f);
	case 2: /* At the end of what is mapped. */
		return WORKER_SCRATCH + SCRATCH_PAGES * PAGE_SIZE -
		    below(f, 2 * PAGE_SIZE);
	default:
		return WORKER_SCRATCH + below(f, SCRATCH_PAGES * PAGE_SIZE);
	}
}

static uint32_t
any_length(struct fuzz *f)
{
	static const uint32_t length[] = {1, 8, 16, 32, 192, 192, 1024, 4096,
	    4097, 8192, STRING_MAX, STRING_MAX + 1, UINT32_MAX};

	return below(f, 4) == 0
	    ? (uint32_t)below(f, STRING_MAX)
	    : length[below(f, sizeof(length) / sizeof(length[0]))];
}

static enum invoke_kind
any_kind(struct fuzz *f)
{
	const uint64_t n = below(f, 100);

	if (n < 80)
		return INVOKE_CALL;
	return n < 96 ? INVOKE_SEND : INVOKE_RETURN;
}

/* Banks are given out for ever, and each is a worker's whole world: rarely. */
static bool
spares_bank(struct fuzz *f, unsigned self, uint64_t o)
{
	return self == W_BANK &&
	    (o == BANK_SUB_BANK || o == BANK_DESTROY || o == BANK_KILL) &&
	    below(f, 1024) != 0;
}

/* Anything at all. */
static void
invoke_anything(struct fuzz *f)
{
	const unsigned self = any_register(f);
	struct message m = {
	    .control = control_make(any_kind(f), self),
	    .word = {below(f, ORDERS), any_word(f), any_word(f), any_word(f),
		any_word(f)},
	};

	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		/* The fourth of a call would be an error. */
		if (below(f, 2) == 0 && (i < 3 || below(f, 8) == 0))
			m.control |= CONTROL_SEND(i, any_register(f));
		if (below(f, 2) == 0)
			m.control |= CONTROL_RECEIVE(i, result_register(f));
	}
	if (below(f, 3) == 0) {
		m.send = (const void *)any_address(f);
		m.send_bytes = any_length(f);
	}
	if (below(f, 3) == 0) {
		m.receive = (void *)any_address(f);
		m.receive_limit = any_length(f);
	}
	if (below(f, 256) == 0)
		m.control ^= UINT64_C(1) << below(f, 64);
	if (spares_bank(f, self, m.word[0]))
		m.word[0] = BANK_FIGURES;
	count();
	ant_invoke(&m);
}

static enum status
order(unsigned self, uint64_t control, uint64_t o, uint64_t a, uint64_t b)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, self) | control,
	    .word = {o, a, b},
	};

	count();
	return ant_call_words(&m);
}

/* Something new to play with. */
static void
get_something(struct fuzz *f)
{
	const unsigned to = result_register(f), other = any_register(f);
	const uint64_t n = below(f, MOSTLY_POSITIONS);

	switch (below(f, 10)) {
	case 0:
		(void)order(W_RANGE, CONTROL_RECEIVE(0, to), RANGE_PAGE, n, 0);
		break;
	case 1:
		(void)order(W_RANGE, CONTROL_RECEIVE(0, to), RANGE_NODE, n,
		    below(f, FRAME_NODES));
		break;
	case 2:
		(void)order(W_BAG, CONTROL_RECEIVE(0, to), NODE_GET,
		    below(f, NODE_SLOTS), 0);
		break;
	case 3:
		(void)order(W_SELF, CONTROL_RECEIVE(0, to), PROCESS_GET,
		    below(f, SLOT_STATE), 0);
		break;
	case 4:
		(void)order(below(f, 2) ? W_NEXT_PROCESS : other,
		    CONTROL_RECEIVE(0, to), PROCESS_MAKE_START, any_word(f),
		    0);
		break;
	case 5:
		(void)order(below(f, 2) ? W_SELF : other,
		    CONTROL_RECEIVE(0, to), PROCESS_MAKE_NOTICE,
		    below(f, 66), 0);
		break;
	case 6:
		(void)order(W_BAG, CONTROL_SEND(0, other), NODE_SWAP,
		    below(f, NODE_SLOTS), 0);
		break;
	case 7:
		(void)order(W_BANK, CONTROL_RECEIVE(0, to),
		    below(f, 2) ? BANK_PAGE : BANK_NODE, 0, 0);
		break;
	case 8:
		if (below(f, 8) == 0)
			(void)order(W_BANK, CONTROL_SEND(0, other), BANK_FREE,
			    0, 0);
		break;
	default: /* Two are the same. */
		(void)order(W_SELF, CONTROL_SEND(0, other), PROCESS_SWAP, to,
		    0);
		break;
	}
}

/* A process of this address space that does the same. */
static void
make_process(struct fuzz *f)
{
	enum { NODE = 12, PAGE = 13, SPACE = 14 };
	const uint64_t n = below(f, MOSTLY_POSITIONS);

	if (order(W_RANGE, CONTROL_RECEIVE(0, NODE), RANGE_NODE, n,
		below(f, FRAME_NODES)) != RC_OK ||
	    order(W_RANGE, CONTROL_RECEIVE(0, PAGE), RANGE_PAGE,
		below(f, MOSTLY_POSITIONS), 0) != RC_OK)
		return;
	(void)order(NODE, CONTROL_SEND(0, PAGE) | CONTROL_RECEIVE(0, NODE),
	    NODE_MAKE_PROCESS, 0, 0);
	(void)order(W_SELF, CONTROL_RECEIVE(0, SPACE), PROCESS_GET, SLOT_SPACE,
	    0);
	(void)order(NODE, CONTROL_SEND(0, SPACE), PROCESS_SWAP, SLOT_SPACE, 0);
	(void)order(NODE, CONTROL_SEND(0, W_SCHEDULE), PROCESS_SWAP,
	    SLOT_SCHEDULE, 0);
	for (unsigned i = 1; i < CAP_REGISTERS; i++)
		(void)order(NODE, CONTROL_SEND(0, i), PROCESS_SWAP, i, 0);
	(void)order(NODE, 0, PROCESS_START, 0, 0);
}

/* Put a page or node into the own space, and touch what is there. */
static void
map_something(struct fuzz *f)
{
	enum { SPACE = 14 };
	const uint64_t slot = 2 + below(f, 6);
	volatile uint8_t *at = (volatile uint8_t *)((slot << SLOT_SHIFT) +
	    below(f, 4) * PAGE_SIZE);

	if (order(W_SELF, CONTROL_RECEIVE(0, SPACE), PROCESS_GET, SLOT_SPACE,
		0) != RC_OK ||
	    order(SPACE, CONTROL_SEND(0, any_register(f)), NODE_SWAP, slot,
		0) != RC_OK)
		return;
	if (below(f, 8) != 0)
		return;
	if (below(f, 2) == 0)
		*at = (uint8_t)slot; /* May be a fault: the warden sees to it. */
	else
		(void)*at;
}

void
worker(uint64_t seed)
{
	struct fuzz f = {.state = seed | 1};

	for (;;) {
		switch (below(&f, 16)) {
		case 0:
		case 1:
		case 2:
		case 3:
			get_something(&f);
			break;
		case 4:
			map_something(&f);
			break;
		case 5:
			if (below(&f, 8) == 0)
				make_process(&f);
			break;
		case 6:
			*(volatile uint64_t *)(WORKER_SCRATCH +
			    (below(&f, SCRATCH_PAGES * PAGE_SIZE) & ~7ul)) =
			    any_word(&f);
			break;
		default:
			invoke_anything(&f);
			break;
		}
	}
}
