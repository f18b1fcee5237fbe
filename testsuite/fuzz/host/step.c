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
#include "kernel/abi/range.order.h"
#include "kernel/hal/entry.h"
#include "kernel/mem/cache.h"
#include "kernel/object/cpu.h"
#include "kernel/object/record.h"

enum {
	TICK_NS = 1000000,
	TOUCHES = 4,
	ALIVE_LEAST = 3,
};

/* --- After the kernel ------------------------------------------------------ */

/* What the dispatcher does by itself: notices, and restarted calls. */
static void
spontaneous(void)
{
	loans_unstepped();
	answers_look();
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
	return at_of_number(cpu.current->node->number, cpu.current->index);
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
	if (last_exit == FAKE_IDLE) {
		reserves_look(NOWHERE);
		return;
	}
	x = loaded();
	MUST(x != NOWHERE && is_whole(x) && !process_unread(x));
	MUST(proc_at(x)->state == PS_RUNNING);
	MUST(proc_at(x)->fault == FAULT_NONE);
	MUST(fake.resumed == cpu.current->state);
	MUST(frame_writable(cpu.current->state_frame)); /* F4 */
	loan_look(x);
	reserves_look(x);
}

/* --- Invocations ----------------------------------------------------------- */

static bool
leads_to(uint32_t x, uint64_t control, unsigned kind)
{
	const struct mcap *c =
	    &node_at(x)->slot[control >> CONTROL_CAP_SHIFT & 15];

	return c->kind == kind || c->kind == CK_FORWARDER;
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

/*
 * range.free is done in pieces where processes have alarms (D3): those that it
 * has destroyed are gone before it is done.
 */
static void
done_in_part(const struct registers *r, const struct mcap *c)
{
	if (r->rdi != RANGE_FREE ||
	    (c->kind != CK_RANGE && c->kind != CK_FORWARDER))
		return;
	for (const uint32_t *i = processes(); *i != NOWHERE; i++) {
		const struct peek k = peek(frame_number_of(*i));
		const struct node_frame *n = k.data;

		if (k.kind != FK_NODE || k.foreign || n == NULL ||
		    n->node[*i % 8].role == ROLE_PROCESS)
			continue;
		kill_process(*i);
		i = processes();
		if (*i == NOWHERE)
			return;
	}
}

void
system_call(uint32_t x)
{
	struct state_page       *s = cpu.current->state;
	struct mproc            *p = proc_at(x);
	const struct state_page *k;
	struct registers         before;
	const uint64_t           epoch = mem.epoch;

	if (needs_cpu(CK_PROCESS, p->regs.rdi) &&
	    leads_to(x, p->regs.rax, CK_PROCESS))
		p->regs.rdi = 0;
	resident_way(x, &p->regs.rax);
	result_must_be_seen(x, &p->regs.rax);
	figures.invocations++;
	p->regs.trap = TRAP_SYSCALL;
	p->regs.rip = PC_INVOKE + SYSCALL_BYTES;
	s->regs = p->regs;
	before = p->regs;
	ENTER(entry_invoke(s));
	if (mem.epoch != epoch)
		snapshot_began();
	if (verbose)
		trace(x, &before);
	if (last_exit == FAKE_PANIC)
		wrong("panic: %s", fake.panic);
	k = peek_state(x);
	if (k != NULL && k->state == PS_RUNNING && k->fault == FAULT_NONE &&
	    k->regs.trap == TRAP_INTERRUPT && k->regs.rip == PC_INVOKE) {
		figures.waits++;
		loan_put_off(x);
		resident_waits(x);
		done_in_part(&before,
		    &node_at(x)->slot[before.rax >> CONTROL_CAP_SHIFT & 15]);
		p->regs.trap = TRAP_INTERRUPT;
		p->regs.rip = PC_INVOKE;
		touch(x);
	} else {
		invoke_model(x, k);
	}
	settle();
}

/* --- Memory and traps ------------------------------------------------------ */

static void
debug_trap(uint32_t x)
{
	figures.stepped++;
	touch(x);
	ENTER(entry_fault(cpu.current->state, FAULT_DEBUG, 0));
	loan_drop(x);
	settle();
}

/* It traps after its instruction; one that stores flags has stored a TF. */
static void
stepped(uint32_t x, uint64_t v, uint8_t *byte, uint32_t page)
{
	fake.step_stored = 0;
	if (v != 0 && shows_flags(&proc_at(x)->regs)) {
		fake.step_stored = v;
		*byte |= 1;
		frame_at(page)->data[v % PAGE_SIZE] = *byte & 0xfe;
	}
	touch(page);
	debug_trap(x);
	fake.step_stored = 0;
}

/* The CPU's access went through: to the right page, with the right. */
static void
accessed(uint32_t x, uint64_t v, enum fault_access a, uint64_t physical)
{
	const bool          steps = cpu.lent != LENT_NOT;
	struct reach        r = steps ? stepped_reach(x, v, a)
				      : space_reach(x, v, a);
	const struct frame *f = &mem.frame[physical >> PAGE_SHIFT];
	uint8_t            *byte;

	figures.touches++;
	if (r.page == NOWHERE || unread(r.page))
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
	cpu.current->state->regs.rip = PC_FREE;
	if (steps)
		stepped(x, v, byte, r.page);
}

/* The kernel has left: has x faulted, as it must? */
static void
page_faulted(uint32_t x, uint64_t v, enum fault_access a)
{
	const struct state_page *k = peek_state(x);
	struct reach             r;

	MUST(k != NULL);
	if (k->state == PS_RUNNING) {
		resident_waits(x);
		settle();
		return;
	}
	if (is_lent(x, v, a))
		wrong("%lx faults on access %u, and was lent", v, a);
	r = k->fault == FAULT_MEDIA ? space_walk(x, v, a)
				    : space_reach(x, v, a);
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
	cpu.current->state->regs = p->regs;
	for (unsigned i = 0; i < TOUCHES; i++) {
		struct fake_access t = fake_touch(v, a);

		if (!t.fault) {
			accessed(x, v, a, t.physical);
			return;
		}
		ENTER(entry_page_fault(cpu.current->state, v, a));
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
	cpu.current->state->regs = p->regs;
	touch(x);
	ENTER(entry_fault(cpu.current->state, c, info));
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

void
tick(struct state_page *s)
{
	const uint64_t ns = below(8 * TICK_NS);

	time_passes(s != NULL ? loaded() : NOWHERE, ns);
	fake.now += ns;
	alarms_due();
	ENTER(entry_clock(s));
	settle();
}

void
store_step(unsigned most)
{
	store_work(most);
	ENTER(entry_continue(
	    last_exit == FAKE_IDLE ? NULL : cpu.current->state));
	settle();
}

static void
idle(void)
{
	if (!store_quiet()) {
		store_step(1 + (unsigned)below(8));
		return;
	}
	time_passes(NOWHERE, TICK_NS);
	fake.now += TICK_NS;
	alarms_due();
	ENTER(entry_clock(NULL));
	settle();
}

/* --- One step --------------------------------------------------------------- */

/*
 * An interrupt may come between two pieces of an order (D3), and somebody else
 * get a turn: of a snapshot's record many, since that is what it must survive.
 */
static bool
is_interrupted(void)
{
	return record_is_open() ? !one_in(8) : one_in(4);
}

static void
run(uint32_t x)
{
	const uint64_t n = below(100);

	if (proc_at(x)->regs.rip == PC_INVOKE && is_interrupted()) {
		tick(cpu.current->state);
	} else if (proc_at(x)->regs.rip == PC_INVOKE) {
		system_call(x);
	} else if (proc_at(x)->regs.rip == PC_TOUCH) {
		touch_memory(x);
	} else if (cpu.lent != LENT_NOT) {
		debug_trap(x); /* What stands there touches no memory. */
	} else if (x == WARDEN) {
		warden();
	} else if (n < 78) {
		new_invocation(x);
		system_call(x);
	} else if (n < 92) {
		proc_at(x)->regs.rbx = any_address();
		proc_at(x)->regs.rbp = any_touch(
		    (enum fault_access)(below(8) == 0 ? 2 : below(2)));
		touch_memory(x);
	} else if (n < 94) {
		trap(x);
	} else if (n < 98) {
		machine_regrant(x);
		ENTER(entry_continue(cpu.current->state)); /* As after an order. */
		settle();
	} else {
		tick(cpu.current->state);
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
