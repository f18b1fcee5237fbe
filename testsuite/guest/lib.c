/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests are made of; see guest.h. */
#include "testsuite/guest/guest.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/guest/internal.h"

extern uint8_t __ant_fs_block[];

struct run        run;
struct seen       seen[PEERS];
volatile uint64_t board[16];
struct message    probe_fault;

uint8_t echo_buffer[STRING_MAX + 2 * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t stacks[PEERS][STACK_BYTES] __attribute__((aligned(16)));

/* --- Checks -------------------------------------------------------------- */

static const char *
base(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL ? file : slash + 1;
}

void
check_true(bool ok, const char *file, int line, const char *what)
{
	run.checks++;
	if (ok || run.failures++ > 0)
		return;
	snprintf(
	    run.what, sizeof(run.what), "%s:%d %s", base(file), line, what);
}

void
check_equal(
    uint64_t got, uint64_t want, const char *file, int line, const char *what)
{
	run.checks++;
	if (got == want || run.failures++ > 0)
		return;
	snprintf(run.what, sizeof(run.what), "%s:%d %s is %#lx, not %#lx",
	    base(file), line, what, got, want);
}

bool
check_failed(void)
{
	return run.failures > 0;
}

/* --- Objects ------------------------------------------------------------- */

uint64_t
new_frame(void)
{
	CHECK(run.frame < ARENA_FRAMES);
	return run.frame++;
}

void
new_page(capreg to)
{
	OK(range_page(R_RANGE, new_frame(), to));
}

void
new_node(capreg to)
{
	if (run.node_index == FRAME_NODES || run.node_frame == 0) {
		run.node_frame = new_frame();
		run.node_index = 0;
	}
	OK(range_node(R_RANGE, run.node_frame, run.node_index++, to));
}

void
extra(enum extra_slot slot, capreg to)
{
	run.all_frames |= slot == X_ALL_FRAMES;
	OK(node_get(R_EXTRA, slot, to));
}

unsigned
kind_of(capreg r)
{
	uint64_t kind = CK_COUNT;

	OK(discrim_classify(R_DISCRIM, r, &kind, NULL, NULL));
	return (unsigned)kind;
}

bool
same_cap(capreg a, capreg b)
{
	uint64_t same = 2;

	OK(discrim_compare(R_DISCRIM, a, b, &same));
	CHECK(same <= 1);
	return same == 1;
}

void
cap_copy(capreg from, capreg to)
{
	OK(process_swap(R_SELF, to, from, REG_NONE));
}

/* --- Peers --------------------------------------------------------------- */

/* Where a peer's function returns to. */
static void
peer_end(void)
{
	for (;;) {
		struct message m = {.control = control_make(INVOKE_RETURN, 0)};

		ant_invoke(&m);
	}
}

static void
peer_enter(capreg peer, unsigned stack, void (*fn)(uint64_t), uint64_t argument)
{
	uint64_t *top = (uint64_t *)(void *)(stacks[stack] + STACK_BYTES);
	struct register_set r = {
	    .regs.rip = (uintptr_t)fn,
	    .regs.rdi = argument,
	    .regs.rsi = stack,
	    .regs.rflags = 0x202,
	    .regs.rsp = (uintptr_t)(top - 3),
	    .fs_base = (uintptr_t)__ant_fs_block,
	};

	top[-3] = (uintptr_t)peer_end;
	OK(process_set_registers(peer, &r, sizeof(r)));
}

void
process_build(capreg to, unsigned priority)
{
	new_node(to);
	new_page(R_RT);
	OK(node_make_process(to, R_RT, to));
	OK(process_get(R_SELF, SLOT_SPACE, R_RT));
	OK(process_swap(to, SLOT_SPACE, R_RT, REG_NONE));
	OK(node_get(R_EXTRA, X_SCHEDULE, R_RT));
	OK(schedule_lower(R_RT, priority, R_RT));
	OK(process_swap(to, SLOT_SCHEDULE, R_RT, REG_NONE));
}

void
peer_new(capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority)
{
	CHECK(run.peers < PEERS);
	process_build(to, priority);
	OK(process_name(to, "peer", 4));
	peer_enter(to, run.peers++, fn, argument);
}

void
peer_give(capreg peer, unsigned slot, capreg cap)
{
	OK(process_swap(peer, slot, cap, REG_NONE));
}

void
peer_start(capreg peer)
{
	OK(process_start(peer));
}

void
peer_spawn(
    capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority)
{
	peer_new(to, fn, argument, priority);
	peer_start(to);
}

void
peer_rerun(capreg peer, void (*fn)(uint64_t), uint64_t argument)
{
	struct register_set r;
	uintptr_t           sp;
	size_t              n = 0;

	OK(process_stop(peer));
	OK(process_get_registers(peer, &r, sizeof(r), &n));
	sp = (uintptr_t)r.regs.rsp - (uintptr_t)stacks;
	CHECK(sp <= sizeof(stacks));
	peer_enter(peer, (unsigned)((sp - 1) / STACK_BYTES), fn, argument);
	peer_start(peer);
}

enum process_state
peer_state(capreg peer)
{
	uint64_t state = 99;

	OK(process_state(peer, &state, NULL, NULL, NULL));
	return (enum process_state)state;
}

enum fault_code
peer_fault(capreg peer)
{
	uint64_t fault = 99;

	OK(process_state(peer, NULL, &fault, NULL, NULL));
	return (enum fault_code)fault;
}

void
peer_destroy(capreg peer)
{
	uint64_t position = 0, index = 0;

	OK(range_identify(R_RANGE, peer, &position, &index, NULL));
	OK(range_rescind(R_RANGE, position, index));
}

void
self_start(unsigned data, capreg to)
{
	OK(process_make_start(R_SELF, data, to));
}

void
start_of(capreg peer, unsigned data, capreg to)
{
	OK(process_make_start(peer, data, to));
}

/* --- Messages ------------------------------------------------------------ */

void
wait_message(struct message *m)
{
	*m = (struct message){
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(0, E) |
		CONTROL_RECEIVE(1, F) | CONTROL_RECEIVE(2, G) |
		CONTROL_RECEIVE(3, H),
	};
	ant_invoke(m);
}

static uint64_t
invoke1(enum invoke_kind kind, capreg to, uint64_t word)
{
	struct message m = {
	    .control = control_make(kind, to),
	    .word = {word},
	};

	ant_invoke_words(&m);
	return m.word[0];
}

uint64_t
call1(capreg to, uint64_t word)
{
	return invoke1(INVOKE_CALL, to, word);
}

uint64_t
send1(capreg to, uint64_t word)
{
	return invoke1(INVOKE_SEND, to, word);
}

uint64_t
reply1(capreg to, uint64_t word)
{
	return invoke1(INVOKE_SEND, to, word);
}

void
echo_server(uint64_t instance)
{
	const uint64_t receive = CONTROL_RECEIVE(0, A) | CONTROL_RECEIVE(1, B) |
	    CONTROL_RECEIVE(2, C) | CONTROL_RECEIVE(3, D);
	struct seen   *s = &seen[instance];
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | receive,
	    .receive = echo_buffer,
	    .receive_limit = STRING_MAX,
	};

	for (;;) {
		ant_invoke(&m);
		s->last = m;
		s->count++;
		m.send = echo_buffer;
		m.send_bytes = (uint32_t)message_received(&m);
		m.control = control_make(INVOKE_RETURN, D) | receive |
		    CONTROL_SEND(0, A) | CONTROL_SEND(1, B) |
		    CONTROL_SEND(2, C);
	}
}

/* --- Address space ------------------------------------------------------- */

void
map_window(unsigned i, capreg segment)
{
	OK(process_get(R_SELF, SLOT_SPACE, R_RT));
	OK(node_swap(R_RT, WINDOW_FIRST + i, segment, REG_NONE));
	run.windows |= 1u << i;
}

/* H is kept in the extra node meanwhile. */
void
map_pages(unsigned i, capreg first, capreg second)
{
	CHECK(first != H && second != H);
	OK(node_swap(R_EXTRA, X_LIBRARY, H, REG_NONE));
	new_node(H);
	OK(node_swap(H, 0, first, REG_NONE));
	OK(node_swap(H, 1, second, REG_NONE));
	map_window(i, H);
	OK(node_get(R_EXTRA, X_LIBRARY, H));
	OK(node_swap(R_EXTRA, X_LIBRARY, REG_NONE, REG_NONE));
}

static void
probe_run(uint64_t access)
{
	volatile uint8_t *p = (volatile uint8_t *)(uintptr_t)run.probe;
	struct message    m = {.control = control_make(INVOKE_CALL, A)};

	if (access == ACCESS_WRITE)
		*p = 0xc3;
	else if (access == ACCESS_EXECUTE)
		((void (*)(void))(uintptr_t)p)();
	else
		(void)*p;
	ant_invoke(&m);
}

enum fault_code
probe(const volatile void *address, enum fault_access access)
{
	struct message m;

	run.probe = (uintptr_t)address;
	if (!run.probing) {
		peer_new(D, probe_run, access, PRIORITY_HIGH);
		self_start(0x50, R_RT);
		peer_give(D, SLOT_KEEPER, R_RT);
		self_start(0x51, R_RT);
		peer_give(D, A, R_RT);
		run.probing = true;
		peer_start(D);
	} else {
		peer_rerun(D, probe_run, access);
	}
	wait_message(&m);
	CHECK_IS(message_source(&m), FROM_CALL);
	if (message_data(&m) == 0x51)
		return FAULT_NONE;
	CHECK_IS(message_data(&m), 0x50);
	probe_fault = m;
	CHECK_IS(m.word[3], access);
	return (enum fault_code)m.word[1];
}

/* --- Time ---------------------------------------------------------------- */

uint64_t
now_ns(void)
{
	uint64_t boot = 0;

	OK(clock_now(R_CLOCK, &boot, NULL, NULL));
	return boot;
}

bool
wait_ns(uint64_t ns, struct message *m)
{
	enum { BIT = 60 };

	OK(process_make_notice(R_SELF, BIT, R_RT));
	OK(clock_alarm(R_CLOCK, now_ns() + ns, R_RT));
	wait_message(m);
	return message_source(m) == FROM_NOTICE &&
	    m->word[1] == UINT64_C(1) << BIT;
}
