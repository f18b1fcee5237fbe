/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs: loading, unloading, and the dispatcher.
 *
 * A process is loaded only when its state frame is in memory, of the current
 * epoch and not under I/O (F4), because a trap saves into it and can neither
 * wait nor fail. It stays loaded until another one is, so a process that waits
 * shortly and goes on costs no save and restore.
 */
#include "kernel/object/cpu.h"
#include "kernel/mem/pager.h"
#include "kernel/object/keeper.h"
#include "kernel/object/known.h"
#include "kernel/object/loan.h"
#include "kernel/object/message.h"
#include "kernel/object/outside.h"
#include "kernel/object/record.h"
#include "kernel/object/store.h"
#include "kernel/object/token.h"
#include "kernel/sched/clock.h"

static struct process nobody;

struct cpu cpu = {.current = &nobody};

static const uint64_t slice_ns       = 5000000;
static const unsigned syscall_length = 2; /* 0f 05 */

/* Processes that are looked at in vain between two chances for an interrupt. */
enum { LOOKS = 4 };

void
process_unload(void)
{
	struct process *p = cpu.current;

	if (!cpu.loaded)
		return;
	if (likely(p->state->fault != FAULT_CPU_FEATURE))
		hal_process_sync(p->state);
	hal_process_unload();
	mem_unload();
	cpu.loaded = false;
}

enum status
process_load(const struct process *p, struct activity *a)
{
	struct map_space space = process_space(p);
	enum status      st;

	debug_assert(frame_writable(p->state_frame));
	debug_assert(process_ok(p));
	wait_set_process(space.resident, (p->header->flags & PF_RESERVE) != 0);
	if (!cpu.loaded || cpu.current->state != p->state) {
		process_unload();
		cpu.current = &known_noted(p)->p;
		mem.loaded  = cpu.current->frames;
		cpu.loaded  = true;
		if (unlikely(p->state->fault == FAULT_CPU_FEATURE)) {
			hal_process_enter(p->state);
			known_forget(p); /* It is not forced. */
		} else {
			hal_process_load(p->state);
		}
		cpu.counters.switches++;
	}
	cpu.activity = a;
	cpu.remap    = false;
	a->state     = KA_RUNNING;
	st           = map_load(&space);
	known_loaded();
	return st == RC_NO_MEMORY ? wait_on(WAIT_MEMORY, 0) : st;
}

void
object_moved(const struct frame *from, struct frame *to)
{
	struct process *both[] = {cpu.current, &cpu.other};
	struct ref     *refs[]  = {&cpu.inv.self, &cpu.inv.cap[0],
		 &cpu.inv.cap[1], &cpu.inv.cap[2], &cpu.inv.cap[3]};

	for (unsigned i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		struct process *p = both[i];

		if (p->node == from) {
			p->node   = to;
			p->header = &frame_nodes(to)->node[p->index];
			p->slot   = frame_nodes(to)->slot[p->index];
		}
		if (p->state_frame == from) {
			p->state_frame = to;
			p->state       = frame_data(to);
		}
	}
	for (unsigned i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		if (refs[i]->frame == from)
			refs[i]->frame = to;
	}
	for (unsigned i = 0; i < STRING_FRAMES; i++) {
		if (cpu.from[i] == from)
			cpu.from[i] = to;
		if (cpu.to[i] == from)
			cpu.to[i] = to;
	}
}

/* Find the process of an activity and make it fit to be loaded. */
static enum status
prepare(const struct activity *a, struct process *p)
{
	struct frame             *node;
	const struct node_header *h;
	unsigned                  index = oid_index((oid){a->oid});
	enum status               st;

	wait_set_process(false, true);
	st = object_fetch(oid_frame((oid){a->oid}), &node);
	if (st != RC_OK)
		return st;
	if (node->kind != FK_NODE || index >= FRAME_NODES)
		return RC_VOID;
	h = &frame_nodes(node)->node[index];
	if (h->role != ROLE_PROCESS || h->count != a->count)
		return RC_VOID;
	wait_set_process(false, (h->flags & PF_RESERVE) != 0);
	st = process_prepare(node, index, p);
	if (st != RC_OK)
		return st;
	return process_prepare_write(p);
}

/*
 * A waiting notice becomes the message of an available process, which is
 * prepared for writing; a message without a string needs no more.
 */
static void
take_notices(struct process *p, struct activity *a)
{
	struct message m = {.source = FROM_NOTICE};

	p->state->notices |= a->notices;
	a->notices = 0;
	if (p->state->state != PS_AVAILABLE || p->state->notices == 0)
		return;
	m.word[1]         = p->state->notices;
	p->state->notices = 0;
	message_deliver(&m, p);
	p->state->state = PS_RUNNING;
}

/*
 * It runs, for the first time since its state page came to memory or was set
 * (F3, S5).
 */
static void
force(struct process *p)
{
	if (p->state_frame->flags & FF_FORCED)
		return;
	if (!hal_force(p->state)) {
		/* Not marked: it is looked at again each time (S5). */
		p->state->fault = FAULT_CPU_FEATURE;
		return;
	}
	if (p->state->fault == FAULT_CPU_FEATURE)
		p->state->fault = FAULT_NONE; /* Another CPU, that can. */
	p->state_frame->flags |= FF_FORCED;
}

/* A whole turn, or the rest of one that was cut short. */
static void
slice_begin(struct activity *a)
{
	cpu.slice_end =
	    a->turn_end != 0 ? a->turn_end : hal_clock_now() + slice_ns;
	a->turn_end = 0;
	clock_arm(cpu.slice_end);
}

/* It uses the budget of its reserve, and is stopped when that is used up. */
static __attribute__((noinline)) bool
turn_of_reserve(struct activity *a)
{
	sched_runs(a, hal_clock_now());
	if (sched_highest() == sched_level(a)) {
		slice_begin(a);
	} else {
		a->turn_end = 0;
		clock_arm(cpu.slice_end);
	}
	return sched_preempts(a);
}

/*
 * Alone at its priority it needs no slice; cpu_continue sees company. True: it
 * is not its turn, for loading it gave memory to who is more urgent.
 */
static bool
turn_begin(struct activity *a)
{
	const int highest = sched_highest();

	cpu.slice_end = UINT64_MAX;
	if (a->reserve != 0)
		return turn_of_reserve(a);
	if (highest < (int)a->priority) {
		a->turn_end = 0;
		return false;
	}
	slice_begin(a);
	return highest > (int)a->priority;
}

/*
 * Its schedule is another than was known, as after a restart: then it queues
 * again, if anybody else is as urgent as it is.
 */
static __attribute__((noinline)) bool
rescheduled(const struct process *p, struct activity *a)
{
	process_take_schedule(p, a);
	if (sched_highest() < sched_level(a))
		return false;
	sched_ready(a);
	return true;
}

/* Make p, prepared, the loaded process; does not return if that succeeds. */
static enum status
run(struct process *p, struct activity *a)
{
	enum status st;

	activity_touch(a);
	st = outside_deliver(p, a);
	if (st != RC_OK)
		return st;
	take_notices(p, a);
	if (p->state->state != PS_RUNNING) {
		bool available = p->state->state == PS_AVAILABLE;
		oid  id        = process_oid(p);

		activity_release(a, available);
		if (available)
			wait_wake_one(WAIT_PROCESS, id.v);
		return RC_OK;
	}
	if (unlikely(a->priority != process_priority(p) ||
		a->reserve != process_reserve(p)) &&
	    rescheduled(p, a))
		return RC_OK;
	force(p); /* Now that it does run, for whatever it was told. */
	st = process_load(p, a);
	if (st != RC_OK)
		return st;
	if (unlikely(turn_begin(a))) {
		sched_preempt(a, cpu.slice_end);
		return RC_OK;
	}
	if (p->state->fault != FAULT_NONE)
		keeper_again();
	if (unlikely(p->state_frame->flags & FF_LENT)) {
		st = loan_load();
		if (st != RC_OK)
			return st;
		if (sched_preempts(a)) { /* That gave memory, too. */
			if (cpu.lent != LENT_NOT)
				(void)loan_leave(false);
			sched_preempt(a, cpu.slice_end);
			return RC_OK;
		}
	}
	hal_resume(p->state);
}

/* Nothing is ready: look after memory, then wait for an interrupt. */
static void
idle(void)
{
	process_unload();
	cpu.activity = NULL;
	map_unload();
	pager_poll();
	restart_more();
	if (sched_highest() >= 0)
		return;
	cpu.counters.idle_entries++;
	clock_arm(UINT64_MAX);
	hal_idle();
}

/*
 * Several whose turn it was have to wait, for a page perhaps: before the next one
 * is looked at, an interrupt may come (D3), and the clock's does.
 */
static void
breathe(void)
{
	process_unload();
	map_unload();
	clock_arm(hal_clock_now());
	hal_idle();
}

/*
 * Its process is dead or malformed. What cannot be read may be read another
 * time, as soon as it has been aged out: until then it waits, and is part of
 * snapshots.
 */
static void
discard(struct activity *a, enum status st)
{
	const uint64_t id = a->oid;

	if (st == RC_MEDIA && wait_on(WAIT_MEMORY, 0) == ST_WAIT) {
		a->retries = 0; /* It needs no token (S12). */
		sched_wait(a);
	} else {
		if (st != RC_VOID)
			log_line("process %lx cannot run: %u", a->oid,
			    (unsigned)st);
		store_check((oid){a->oid}, "it cannot run");
		process_forget(a);
	}
	wait_wake(WAIT_PROCESS, id); /* They will see why (D5). */
}

void
cpu_dispatch(void)
{
	for (unsigned looks = 0;; looks++) {
		struct activity *a;
		enum status      st;

		cpu_enter();
		cpu.activity = NULL;
		if (reserves.running != 0)
			sched_charge_end(hal_clock_now());
		if (unlikely(looks == LOOKS))
			breathe();
		a            = sched_next();
		if (a == NULL) {
			idle();
			continue;
		}
		if (process_load_known(a)) {
			(void)turn_begin(a); /* Nothing was freed. */
			hal_resume(cpu.current->state);
		}
		token_enter(a);
		st = prepare(a, &cpu.other);
		if (st == RC_OK)
			st = run(&cpu.other, a);
		if (st == ST_WAIT)
			sched_wait(a);
		else if (st != RC_OK)
			discard(a, st);
	}
}

/*
 * Something more urgent is ready, or another address space is to be loaded. The
 * one that runs by a reserve goes on before all but an earlier deadline.
 */
static void
give_way(int highest)
{
	struct activity *a = cpu.activity;

	if (cpu.lent != LENT_NOT) /* It was interrupted in its step. */
		(void)loan_leave(false);
	if (cpu.remap || a->reserve == 0 || sched_preempts(a)) {
		sched_preempt(a, cpu.slice_end);
		cpu_dispatch();
	}
	if (highest == sched_level(a) && cpu.slice_end == UINT64_MAX)
		slice_begin(a);
}

void
cpu_continue(void)
{
	struct state_page *s       = cpu.current->state;
	const int          highest = sched_highest();
	const int          own     = cpu.activity->priority;

	debug_assert(cpu.loaded);
	if (cpu.remap || highest > own)
		give_way(highest);
	if (highest == own && cpu.slice_end == UINT64_MAX)
		slice_begin(cpu.activity); /* It was alone. */
	if (s->regs.trap == TRAP_SYSCALL)
		hal_resume_syscall(s);
	hal_resume(s);
}

void
cpu_load_failed(struct activity *a, enum status st)
{
	cpu.activity = NULL;
	if (st == ST_WAIT)
		sched_wait(a);
	else
		sched_ready_first(a);
	cpu_dispatch();
}

void
cpu_wait(void)
{
	struct state_page *s       = cpu.current->state;
	struct activity   *a       = cpu.activity;
	const bool         invokes = s->regs.trap == TRAP_SYSCALL;
	const uint8_t      retries = a->retries;

	if (invokes) {
		s->regs.rip -= syscall_length;
		s->regs.trap = TRAP_INTERRUPT; /* Resume with all registers. */
	}
	sched_wait(a);
	token_waits(a, invokes, retries);
	cpu.activity = NULL;
	cpu_dispatch();
}
