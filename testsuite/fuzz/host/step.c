/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One step: the loaded process does something, or time passes.
 *
 * A process whose program counter stands at PC_INVOKE or PC_TOUCH has been put
 * off: like a CPU, the driver runs just that instruction again.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include <stdio.h>

#include "kernel/abi/process.order.h"
#include "kernel/hal/entry.h"
#include "kernel/mem/cache.h"
#include "kernel/object/cpu.h"

enum {
	USER_BYTES = 4 * PAGE_SIZE, /* Mapped from 0 on, at first. */
	TICK_NS = 1000000,
	TOUCHES = 4,
	SCARCE = 24 + 64, /* Frames that are kept for tables. */
	ALIVE_LEAST = 3,
};

/* --- After the kernel ------------------------------------------------------ */

/* What the dispatcher does by itself: notices, and restarted calls. */
static void
spontaneous(void)
{
	for (const uint32_t *i = processes(); *i != NOWHERE; i++) {
		const uint32_t           at = *i;
		const struct state_page *k;
		struct mproc            *p;

		if (!is_whole(at))
			continue;
		p = proc_at(at);
		if (p->state == PS_RUNNING ||
		    (p->notices == 0 && !p->restarted))
			continue;
		k = peek_state(at);
		if (k == NULL || k->state != PS_RUNNING)
			continue;
		if (p->state == PS_AVAILABLE)
			notices_model(at);
		else if (p->restarted)
			restarted_model(at);
	}
}

static uint32_t
loaded(void)
{
	return at_of_number(cpu.current.node->number, cpu.current.index);
}

/* All is compared, and what runs may run. */
static void
settle(void)
{
	uint32_t x;

	if (last_exit == FAKE_PANIC)
		wrong("panic: %s", fake.panic);
	MUST(last_exit == FAKE_RESUME || last_exit == FAKE_RESUME_SYSCALL ||
	    last_exit == FAKE_IDLE);
	spontaneous();
	compare_touched();
	if (last_exit == FAKE_IDLE)
		return;
	x = loaded();
	MUST(x != NOWHERE && is_whole(x));
	MUST(proc_at(x)->state == PS_RUNNING);
	MUST(proc_at(x)->fault == FAULT_NONE);
	MUST(fake.resumed == cpu.current.state);
	MUST(frame_writable(cpu.current.state_frame)); /* F4 */
}

/* --- Invocations ----------------------------------------------------------- */

static uint64_t
any_number(void)
{
	const uint64_t shift = below(64);

	switch (below(12)) {
	case 0:
		return below(64);
	case 1:
		return UINT64_C(1) << shift;
	case 2:
		return (UINT64_C(1) << shift) - 1;
	case 3:
		return UINT64_MAX - below(64);
	case 4:
		return random64();
	case 5:
	case 6:
		return below(POSITIONS + 2);
	case 7:
		return fake.now + below(20 * TICK_NS);
	default:
		return below(24);
	}
}

static uint64_t
any_address(void)
{
	switch (below(12)) {
	case 0:
		return (UINT64_C(1) << USER_SPAN) - below(2 * PAGE_SIZE);
	case 1:
		return any_number();
	case 2:
		return USER_BYTES - below(2 * PAGE_SIZE);
	case 3:
		return PAGE_SIZE - below(64);
	default:
		return below(USER_BYTES);
	}
}

static uint32_t
any_length(void)
{
	static const uint32_t length[] = {0, 0, 1, 1, 8, 15, 16, 32, 192, 192,
	    192, 200, 1024, 4095, 4096, 4097, 8192, STRING_MAX, STRING_MAX + 1,
	    UINT32_MAX};

	return one_in(6)
	    ? (uint32_t)below(3 * PAGE_SIZE)
	    : length[below(sizeof(length) / sizeof(length[0]))];
}

static unsigned
any_register(void)
{
	return (unsigned)below(CAP_REGISTERS);
}

static unsigned
some_order(unsigned kind)
{
	for (unsigned i = 0; i < 8; i++) {
		const unsigned n = (unsigned)below(16);

		if (order_model(kind, n) != NULL)
			return n;
	}
	return (unsigned)below(16);
}

/* A register that holds something of a kind, if there is one. */
static unsigned
register_with(uint32_t x, uint64_t kinds)
{
	for (unsigned i = 0; i < 6; i++) {
		const unsigned    r = any_register();
		const struct mcap c = cap_now(&node_at(x)->slot[r]);

		if (kinds >> c.kind & 1)
			return r;
	}
	return any_register();
}

#define KIND(k) (UINT64_C(1) << (k))

static uint64_t
make_control(uint32_t x, struct registers *r)
{
	const struct mnode *n = node_at(x);
	const unsigned      target = register_with(x, ~KIND(CK_VOID));
	const struct mcap   c = cap_now(&n->slot[target]);
	const bool process = c.kind == CK_START || c.kind == CK_RESUME;
	const uint64_t      k = below(100);
	enum invoke_kind    kind;
	uint64_t            control;

	kind = k < (process ? 50 : 85) ? INVOKE_CALL
	    : k < (process ? 75 : 97)  ? INVOKE_SEND
				       : INVOKE_RETURN;
	/* A result that nobody sees: the model could not know it. */
	if (kind == INVOKE_RETURN && !process && c.kind == CK_RANGE)
		kind = INVOKE_CALL;
	if (kind == INVOKE_RETURN && c.kind >= CK_SCHEDULE && !process)
		kind = INVOKE_CALL;
	if (kind == INVOKE_RETURN && c.kind == CK_PROCESS)
		kind = INVOKE_CALL;
	control = control_make(kind, target);
	r->rdi = some_order(c.kind);
	if (c.kind == CK_RANGE && one_in(2))
		r->rsi = below(POSITIONS - ARENA_FIRST);
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		if (one_in(2) && (i < 3 || kind != INVOKE_CALL))
			control |= CONTROL_SEND(i, any_register());
		if (one_in(2))
			control |= CONTROL_RECEIVE(i,
			    one_in(4) ? any_register()
				      : 9 + (unsigned)below(7));
	}
	/* node.make_process wants a page, node.copy a node, clock a notice. */
	if (c.kind == CK_NODE && one_in(2))
		control = (control & ~CONTROL_SEND(0, 31)) |
		    CONTROL_SEND(0,
			register_with(x, KIND(CK_PAGE) | KIND(CK_NODE)));
	if (c.kind == CK_CLOCK && one_in(2))
		control = (control & ~CONTROL_SEND(0, 31)) |
		    CONTROL_SEND(0, register_with(x, KIND(CK_NOTICE)));
	return control;
}

/* For process.set_registers: a process that the driver can go on with. */
static void
put_registers(uint32_t x, uint64_t v)
{
	struct {
		struct registers regs;
		uint64_t         fs, gs;
	} set = {.regs = proc_at(x)->regs};
	struct mproc *p = proc_at(x);

	(void)p;
	set.regs.rip = PC_FREE;
	set.regs.rax = one_in(4) ? random64()
				 : CONTROL_RECEIVE(0, below(20)) |
		CONTROL_RECEIVE(3, below(16));
	set.regs.r12 = (uint64_t)any_length() << 32;
	set.regs.r13 = any_address();
	set.regs.rbx = any_address();
	set.fs = random64() >> 17;
	if (!user_range(v, sizeof(set)))
		return;
	for (unsigned i = 0; i < sizeof(set); i += 8) {
		struct reach r = space_reach(x, v + i, ACCESS_WRITE);
		struct peek  k;
		const struct frame *f;

		if (r.page == NOWHERE || v % 8 != 0)
			return;
		/* By hand, if the frame may be written just now. */
		k = peek(frame_number_of(r.page));
		f = frame_find(frame_number_of(r.page));
		if (f == NULL || k.data == NULL || !frame_writable(f))
			return;
		memcpy((uint8_t *)(uintptr_t)k.data + (v + i) % PAGE_SIZE,
		    (uint8_t *)&set + i, 8);
		memcpy(frame_at(r.page)->data + (v + i) % PAGE_SIZE,
		    (uint8_t *)&set + i, 8);
		touch(r.page);
	}
}

static void
new_invocation(uint32_t x)
{
	struct registers r = proc_at(x)->regs;

	r.rsi = any_number();
	r.rdx = any_number();
	r.r10 = any_number();
	r.r8 = any_number();
	r.r9 = any_address();
	r.r13 = any_address();
	r.r12 = one_in(3) ? any_length() : 0;
	r.r12 |= one_in(3) ? (uint64_t)any_length() << 32 : 0;
	r.rdi = any_number();
	if (one_in(16)) { /* Raw. */
		r.rax = random64() >> below(40);
		r.rdi = below(20);
	} else {
		r.rax = make_control(x, &r);
	}
	if (one_in(128))
		r.rax ^= UINT64_C(1) << below(64);
	if (r.rdi == 4 && (uint32_t)r.r12 == 192) {
		r.r9 &= ~UINT64_C(7);
		put_registers(x, r.r9);
	}
	proc_at(x)->regs = r;
}

/* For FUZZ_VERBOSE. */
static void
trace(uint32_t x, const struct registers *r)
{
	const struct mnode *n = node_at(x);
	const struct mcap   c = cap_now(&n->slot[r->rax >> 2 & 15]);
	const struct state_page *k = peek_state(x);

	fprintf(stderr,
	    "%3u: control %012lx kind %u at %u words %lx %lx %lx -> "
	    "exit %u state %u fault %u rip %lx rdi %lx\n",
	    x, r->rax, c.kind, c.at, r->rdi, r->rsi, r->rdx, last_exit,
	    k ? k->state : 9, k ? k->fault : 0, k ? k->regs.rip : 0,
	    k ? k->regs.rdi : 0);
}

static void
system_call(uint32_t x)
{
	struct state_page       *s = cpu.current.state;
	struct mproc            *p = proc_at(x);
	const struct state_page *k;
	struct registers         before;

	figures.invocations++;
	p->regs.trap = TRAP_SYSCALL;
	p->regs.rip = PC_INVOKE + SYSCALL_BYTES;
	s->regs = p->regs;
	before = p->regs;
	ENTER(entry_invoke(s));
	if (verbose)
		trace(x, &before);
	if (last_exit == FAKE_PANIC)
		wrong("panic: %s", fake.panic);
	k = peek_state(x);
	if (k != NULL && k->state == PS_RUNNING && k->fault == FAULT_NONE &&
	    k->regs.trap == TRAP_INTERRUPT && k->regs.rip == PC_INVOKE) {
		figures.waits++;
		p->regs.trap = TRAP_INTERRUPT;
		p->regs.rip = PC_INVOKE;
		touch(x);
	} else {
		invoke_model(x, k);
	}
	settle();
}

/* --- Memory and traps ------------------------------------------------------ */

/* The CPU's access went through: to the right page, with the right. */
static void
accessed(uint32_t x, uint64_t v, enum fault_access a, uint64_t physical)
{
	struct reach        r = space_reach(x, v, a);
	const struct frame *f = &mem.frame[physical >> PAGE_SHIFT];
	uint8_t            *byte;

	figures.touches++;
	if (r.page == NOWHERE)
		wrong("%lx can be reached by access %u", v, a);
	MUST(f->number == frame_number_of(r.page));
	byte = (uint8_t *)frame_data(f) + v % PAGE_SIZE;
	if (a == ACCESS_WRITE) {
		MUST(frame_writable(f));
		*byte = (uint8_t)random64();
		frame_at(r.page)->data[v % PAGE_SIZE] = *byte;
	}
	MUST(*byte == frame_at(r.page)->data[v % PAGE_SIZE]);
	proc_at(x)->regs.rip = PC_FREE;
	cpu.current.state->regs.rip = PC_FREE;
}

/* The kernel has left: has x faulted, as it must? */
static void
page_faulted(uint32_t x, uint64_t v, enum fault_access a)
{
	const struct state_page *k = peek_state(x);
	struct reach             r;

	MUST(k != NULL);
	if (k->state == PS_RUNNING) {
		settle();
		return;
	}
	r = space_reach(x, v, a);
	if (r.page != NOWHERE)
		wrong("%lx faults on access %u", v, a);
	fault_model(x, (enum fault_code)r.fault, a, ST_FAULT, v, &r);
	settle();
}

static void
touch_memory(uint32_t x)
{
	struct mproc *p = proc_at(x);
	uint64_t      v = p->regs.rbx & ((UINT64_C(1) << USER_SPAN) - 1);
	const enum fault_access a = p->regs.rbp % 3;

	p->regs.rip = PC_TOUCH;
	p->regs.trap = TRAP_INTERRUPT;
	cpu.current.state->regs = p->regs;
	for (unsigned i = 0; i < TOUCHES; i++) {
		struct fake_access t = fake_touch(v, a);

		if (!t.fault) {
			accessed(x, v, a, t.physical);
			return;
		}
		ENTER(entry_page_fault(cpu.current.state, v, a));
		if (last_exit == FAKE_PANIC)
			wrong("panic: %s", fake.panic);
		touch(x);
		page_faulted(x, v, a);
		if (last_exit == FAKE_IDLE || loaded() != x ||
		    proc_at(x)->regs.rip != PC_TOUCH)
			return;
	}
}

static void
trap(uint32_t x)
{
	static const enum fault_code code[] = {FAULT_DIVIDE, FAULT_INSTRUCTION,
	    FAULT_PROTECTION, FAULT_FLOAT};
	const enum fault_code    c = code[below(4)];
	const uint64_t           info = 1 + below(100);
	struct mproc            *p = proc_at(x);
	const struct state_page *k;
	struct reach             r = {.page = NOWHERE};

	p->regs.rip = PC_FREE;
	p->regs.trap = TRAP_INTERRUPT;
	cpu.current.state->regs = p->regs;
	touch(x);
	ENTER(entry_fault(cpu.current.state, c, info));
	k = peek_state(x);
	if (k != NULL && k->state != PS_RUNNING)
		fault_model(x, c, ACCESS_READ, info, PC_FREE, &r);
	settle();
}

/* --- Time ------------------------------------------------------------------ */

static void
alarms_due(void)
{
	for (unsigned i = 0; i < model.nalarms;) {
		const struct malarm a = model.alarm[i];

		if (a.when > fake.now) {
			i++;
			continue;
		}
		model.alarm[i] = model.alarm[--model.nalarms];
		if (is_process(a.at) && node_at(a.at)->serial == a.serial)
			proc_at(a.at)->notices |= UINT64_C(1) << a.bit;
	}
}

static void
tick(struct state_page *s)
{
	fake.now += below(8 * TICK_NS);
	alarms_due();
	ENTER(entry_clock(s));
	settle();
}

static void
store_step(unsigned most)
{
	store_work(most);
	ENTER(entry_continue(
	    last_exit == FAKE_IDLE ? NULL : cpu.current.state));
	settle();
}

/* --- Nothing else runs ----------------------------------------------------- */

static const struct activity *
activity_of(uint32_t at)
{
	const uint64_t      number = frame_number_of(proc_at(at)->state_at);
	const struct frame *f = frame_find(number);
	const oid           id = oid_make(frame_number_of(at), at % 8);
	const struct activity *a = activity_find(id);

	if (a == NULL && f != NULL && f->kind == FK_STATE &&
	    f->state.activity != NO_INDEX) {
		a = activity_slot(f->state.activity);
		a = a->oid == id.v ? a : NULL;
	}
	return a;
}

/* Has somebody's turn at this server come, who has not run yet (D5)? */
static bool
turn_given(uint64_t key)
{
	for (uint32_t i = 0; i < activity_end(); i++) {
		const struct activity *a = activity_at(i);

		if (a != NULL && a->flags & AF_WOKEN && a->key == key)
			return true;
	}
	return false;
}

/* Is this process available, so that who waits for it waits in vain? */
static bool
is_free(uint64_t key)
{
	const oid      id = {key};
	const uint32_t at = at_of_number(oid_frame(id), oid_index(id));

	return at != NOWHERE && (!is_whole(at) ||
		(proc_at(at)->state == PS_AVAILABLE &&
		    proc_at(at)->notices == 0));
}

/*
 * The store has answered everything and only the warden runs: whoever else
 * has something to do waits for another process, and that is busy.
 */
static void
nobody_is_forgotten(void)
{
	for (const uint32_t *i = processes(); *i != NOWHERE; i++) {
		const struct activity *a;

		if (!is_whole(*i) || proc_at(*i)->state != PS_RUNNING)
			continue;
		a = activity_of(*i);
		if (a == NULL)
			wrong("process %u runs without an activity", *i);
		if (a->state == KA_READY || a->state == KA_RUNNING)
			continue;
		if (a->wait == WAIT_MEMORY && frame_free_count() <= SCARCE)
			continue;
		if (a->wait != WAIT_PROCESS ||
		    (is_free(a->key) && !turn_given(a->key)))
			wrong("process %u waits for %u of %lx, and all is "
			      "quiet; %u frames free, %u clean",
			    *i, a->wait, a->key, frame_free_count(),
			    age_count());
	}
}

/* It goes on elsewhere, if its state page may be written just now. */
static void
let_go_on(uint32_t at)
{
	struct mproc       *p = proc_at(at);
	const struct frame *f = frame_find(frame_number_of(p->state_at));
	struct state_page  *s = peek_state(at);

	if (f == NULL || s == NULL || !frame_writable(f))
		return;
	s->regs.rip = p->regs.rip = PC_FREE;
	s->regs.trap = p->regs.trap = TRAP_INTERRUPT;
}

/* The lowest of all sees to it that somebody runs. */
static void
warden(void)
{
	struct registers r = proc_at(WARDEN)->regs;
	struct mcap      c;
	uint32_t         at[FRAMES], all = 0, x;
	bool             stop;

	if (store_quiet())
		nobody_is_forgotten();
	else if (one_in(2)) {
		store_step(1 + (unsigned)below(8));
		return;
	}
	for (const uint32_t *i = processes(); *i != NOWHERE && all < FRAMES; i++)
		if (is_whole(*i) && *i != WARDEN)
			at[all++] = *i;
	if (all == 0 || one_in(16)) {
		tick(cpu.current.state);
		return;
	}
	x = at[below(all)]; /* One that waits for ever runs no more. */
	stop = proc_at(x)->state == PS_RUNNING;
	if (stop && !one_in(8))
		return;
	let_go_on(x);
	c = object_cap(CK_PROCESS, x);
	if (!machine_give(WARDEN, 1, &c))
		return;
	r.rax = control_make(INVOKE_CALL, 1);
	r.rdi = stop ? PROCESS_STOP : PROCESS_START;
	r.r12 = 0;
	proc_at(WARDEN)->regs = r;
	system_call(WARDEN);
}

/* How many could still do something? */
static unsigned
alive(void)
{
	unsigned n = 0;

	for (const uint32_t *i = processes(); *i != NOWHERE; i++)
		n += is_whole(*i) && *i != WARDEN &&
		    space_reach(*i, 0, ACCESS_READ).page != NOWHERE;
	return n;
}

static void
idle(void)
{
	if (!store_quiet()) {
		store_step(1 + (unsigned)below(8));
		return;
	}
	fake.now += TICK_NS;
	alarms_due();
	ENTER(entry_clock(NULL));
	settle();
}

/* --- One step --------------------------------------------------------------- */

static void
run(uint32_t x)
{
	const uint64_t n = below(100);

	if (proc_at(x)->regs.rip == PC_INVOKE) {
		system_call(x);
	} else if (proc_at(x)->regs.rip == PC_TOUCH) {
		touch_memory(x);
	} else if (x == WARDEN) {
		warden();
	} else if (n < 78) {
		new_invocation(x);
		system_call(x);
	} else if (n < 92) {
		proc_at(x)->regs.rbx = any_address();
		proc_at(x)->regs.rbp = below(8) == 0 ? 2 : below(2);
		touch_memory(x);
	} else if (n < 94) {
		trap(x);
	} else if (n < 98) {
		machine_regrant(x);
		compare_touched();
	} else {
		tick(cpu.current.state);
	}
}

void
step(void)
{
	figures.steps++;
	if (one_in(12)) {
		store_step(1 + (unsigned)below(3));
		return;
	}
	if (one_in(200)) {
		store_lie();
		store_step(0);
		return;
	}
	if (one_in(8000) || (alive() < ALIVE_LEAST && one_in(64))) {
		figures.restarts++;
		machine_boot(false);
		settle();
		return;
	}
	if (last_exit == FAKE_IDLE)
		idle();
	else
		run(loaded());
}
