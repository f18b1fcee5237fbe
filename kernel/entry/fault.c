/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts.
 */
#include "kernel/device/irq.h"
#include "kernel/device/ports.h"
#include "kernel/entry/general.h"
#include "kernel/hal/entry.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/pager.h"
#include "kernel/object/cpu.h"
#include "kernel/object/keeper.h"
#include "kernel/object/loan.h"
#include "kernel/object/notice.h"
#include "kernel/object/record.h"
#include "kernel/sched/clock.h"

enum { ALARMS_ONCE = 32 }; /* Posted in one entry. */

/* An instruction that was stepped for a loan is interrupted, not done. */
static void
enter(void)
{
	cpu_enter();
	if (unlikely(cpu.lent != LENT_NOT))
		(void)loan_leave(false);
}

/* All but what is served in place; *f is told if it comes to that. */
static _Noreturn void
page_fault(struct fault *f)
{
	struct map_space space;
	enum status      st;

	if (cpu.lent != LENT_NOT)
		(void)loan_leave(false);
	space = process_space(cpu.current);
	wait_set_process(space.resident,
	    (cpu.current->header->flags & PF_RESERVE) != 0);
	st = map_serve(&space, f->address, f->access, &f->map);
	if (st == RC_OK)
		cpu_continue();
	if (st == RC_NO_MEMORY) /* For its tables: somebody may free some. */
		st = wait_on(WAIT_MEMORY, 0);
	if (st == ST_WAIT)
		cpu_wait();
	if (st == ST_FAULT)
		f->code = f->map.code;
	else
		f->code = st == RC_MEDIA ? FAULT_MEDIA : FAULT_UNMAPPED;
	f->info = st;
	keeper_fault(f);
}

/* It is looked into once more, whatever the short way knew of it. */
void
general_fault(struct fault *f)
{
	if (f->code >= FAULT_DIVIDE)
		keeper_fault(f);
	f->map = (struct map_fault){.guarded = false};
	page_fault(f);
}

void
entry_page_fault(struct state_page *s, uint64_t v, enum fault_access access)
{
	struct fault f;
	enum map_hit how;

	(void)s;
	cpu_enter();
	cpu.counters.faults++;
	how = map_hit(cpu.current->state_frame, v, access, &f.map);
	if (likely(how == HIT_SERVED)) {
		cpu_continue_if_urged();
		hal_resume(cpu.current->state);
	}
	f.code    = how == HIT_FAULT ? f.map.code : FAULT_UNMAPPED;
	f.access  = access;
	f.address = v;
	f.info    = ST_FAULT;
	f.length  = 0;
	if (how == HIT_FAULT)
		keep_fault(&f);
	general_fault(&f);
}

/*
 * D16: an exception of a foreign process may be its way to call. What cannot be
 * read, for want of a mapping, is told as the exception that it is.
 */
static __attribute__((noinline)) void
foreign_look(struct fault *f)
{
	uint8_t     code[HAL_CODE_BYTES];
	unsigned    bytes = 0;
	enum status st = loan_code(code, &bytes);

	if (st == ST_WAIT)
		cpu_wait();
	if (st != RC_OK)
		return;
	f->length = (uint8_t)hal_foreign_call(code, bytes, &f->info);
	if (f->length != 0)
		f->code = FAULT_FOREIGN;
}

void
entry_fault(struct state_page *s, enum fault_code code, uint64_t info)
{
	struct fault f = {.code = code, .info = info};

	if (unlikely(code == FAULT_DEBUG && cpu.lent != LENT_NOT)) {
		cpu_enter();
		if (!loan_leave(true))
			cpu_continue();
	} else {
		enter();
	}
	cpu.counters.faults++;
	wait_set_process((cpu.current->header->flags & PF_RESIDENT) != 0,
	    (cpu.current->header->flags & PF_RESERVE) != 0);
	/* M9: an IN or OUT whose ports its I/O slot holds opens the bitmap. */
	if (code == FAULT_PROTECTION && info == 0 &&
	    ports_open(&cpu.current->slot[SLOT_IO]))
		cpu_continue();
	f.address = s->regs.rip;
	if (unlikely((cpu.current->header->flags & PF_FOREIGN) != 0) &&
	    (code == FAULT_PROTECTION || code == FAULT_INSTRUCTION))
		foreign_look(&f);
	keep_fault(&f);
}

/* Interrupted: a process, or nothing. */
static _Noreturn void
go_on(struct state_page *s)
{
	if (s == NULL)
		cpu_dispatch();
	cpu_continue();
}

void
entry_interrupt(struct state_page *s, unsigned vector)
{
	struct activity *a;

	cpu_enter();
	cpu.counters.interrupts++;
	a = irq_deliver(vector);
	if (a != NULL)
		process_wake(a);
	go_on(s);
}

void
entry_continue(struct state_page *s)
{
	cpu_enter();
	go_on(s);
}

/*
 * Alarms that are due: so many, and the rest when the clock interrupts again,
 * which it does at once (D3). Gives the last one that is to be made ready.
 */
static struct activity *
post_due(uint64_t now)
{
	struct activity *last = NULL;
	struct alarm     a;

	for (unsigned n = 0; n < ALARMS_ONCE && alarm_due(now, &a); n++) {
		struct notice_binding b = {
		    .process = {a.process},
		    .count   = a.count,
		    .bit     = a.bit,
		    .bound   = true,
		};

		(void)notice_set(&b, &last);
	}
	return last;
}

/* Alarms; then the slice of the one that runs. */
void
entry_clock(struct state_page *s)
{
	const uint64_t   now = hal_clock_now();
	struct activity *a;

	enter();
	a = post_due(now);
	if (a != NULL && now >= cpu.slice_end) {
		sched_ready(a);
		a = NULL;
	}
	if (reserve_any()) {
		sched_charge(now);
		if (s != NULL)
			sched_runs(cpu.activity, now);
	}
	pager_poll();
	frame_again();
	restart_more();
	if (s != NULL && now >= cpu.slice_end &&
	    sched_highest() >= sched_level(cpu.activity)) {
		sched_ready(cpu.activity);
		cpu.activity = NULL;
		clock_arm(UINT64_MAX); /* What runs next may need no slice. */
		cpu_dispatch();
	}
	if (now >= cpu.slice_end)
		cpu.slice_end = UINT64_MAX; /* Alone: until it has company. */
	clock_arm(cpu.slice_end);
	if (a != NULL)
		process_wake(a);
	go_on(s);
}
