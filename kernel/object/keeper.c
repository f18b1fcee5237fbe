/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and keepers (D4).
 *
 * The fault stands in the state page, and a faulted process counts as waiting.
 * While its keeper is busy nothing is recorded: the process runs the faulting
 * instruction again when its turn has come. A breakpoint or a single step came
 * after its instruction, which must not run twice: it is recorded at once,
 * while the process still counts as running, and told when it is loaded next.
 * What this CPU cannot load (S5) is recorded by the dispatcher in the same way.
 */
#include "kernel/object/keeper.h"
#include "kernel/object/cpu.h"
#include "kernel/object/deliver.h"
#include "kernel/object/outside.h"
#include "kernel/object/store.h"

static void
record(const struct fault *f)
{
	struct state_page *s = cpu.current->state;

	s->fault         = (uint8_t)f->code;
	s->access        = (uint8_t)f->access;
	s->fault_address = f->address;
	s->fault_info    = f->info;
	if (unlikely(f->code == FAULT_CPU_FEATURE))
		process_unload(); /* Before any switch would store its registers. */
}

static bool
is_kept(enum fault_code code)
{
	return code == FAULT_BREAKPOINT || code == FAULT_DEBUG ||
	    code == FAULT_CPU_FEATURE;
}

bool
keeper_came_after(enum fault_code code)
{
	return is_kept(code) || code == FAULT_FOREIGN;
}

/* Nobody takes it: it stays faulted, for ps to show. */
static _Noreturn void
abandon(const struct fault *f)
{
	struct activity *mine = cpu.activity;

	sched_turn_over(mine);
	record(f);
	(void)deliver_wait(cpu.current, CK_RESTART);
	log_line("%s: fault %u at %lx, pc %lx, no keeper",
	    (const char *)cpu.current->state->name, (unsigned)f->code,
	    f->address, cpu.current->state->regs.rip);
	store_check(process_oid(cpu.current), "it has faulted");
	cpu.activity = NULL;
	activity_release(mine, false);
	cpu_dispatch();
}

/* Who is told of a fault. */
struct hearer {
	bool       segment; /* A guard's keeper; else the process's. */
	struct ref guard, keeper;
};

/*
 * The innermost guard's keeper; the process's own where no guard covers the
 * address, or the guard has nobody to tell.
 */
static enum status
find_hearer(const struct fault *f, struct hearer *h)
{
	struct cap  copy = f->map.guard;
	enum status st;

	h->segment = false;
	if (f->map.guarded) {
		st = ref_prepare(&copy, NULL, &h->guard);
		if (st != RC_OK)
			return st;
		h->segment = h->guard.kind == CK_GUARD;
	}
	if (h->segment) {
		st = ref_prepare(
		    &ref_slots(&h->guard)[1], h->guard.frame, &h->keeper);
		if (st != RC_OK || h->keeper.kind == CK_START)
			return st;
		h->segment = false;
	}
	return ref_prepare(
	    &cpu.current->slot[SLOT_KEEPER], cpu.current->node, &h->keeper);
}

/*
 * All registers, to be answered with others in one reply (D16): they lie in the
 * state page as they are told.
 */
static void
compose_foreign(const struct fault *f, struct message *m)
{
	struct state_page *s = cpu.current->state;

	hal_process_sync(s);
	m->word[3]       = f->info;
	m->word[4]       = s->regs.rip + f->length;
	m->kernel_string = (const uint8_t *)&s->regs;
	m->bytes         = sizeof(struct register_set);
}

static void
compose(const struct fault *f, const struct hearer *h, struct message *m)
{
	m->source  = FROM_CALL;
	m->data    = h->keeper.data;
	m->word[0] = h->segment ? KEEPER_SEGMENT : KEEPER_PROCESS;
	m->word[1] = f->code;
	m->word[2] = h->segment ? f->map.offset : f->address;
	m->word[3] = f->code < FAULT_DIVIDE ? f->access : f->info;
	m->word[4] = cpu.current->state->regs.rip;
	if (h->segment) {
		m->cap[0] = h->guard.cap;
		m->cap[0].rights &= (uint8_t)~CR_OPAQUE;
	} else if (!(h->keeper.rights & CR_OPAQUE)) {
		m->cap[0] = cap_make(CK_PROCESS, 0, 0,
		    cpu.current->header->count, process_oid(cpu.current));
	}
	if (f->code == FAULT_FOREIGN && !(h->keeper.rights & CR_OPAQUE))
		compose_foreign(f, m);
}

void
keeper_fault(const struct fault *f)
{
	struct message   m = {0};
	struct hearer    h;
	struct activity *a;
	bool             outside = false;
	enum status      st;

	st = find_hearer(f, &h);
	if (st == RC_OK && h.keeper.kind != CK_START)
		abandon(f);
	if (st == RC_OK)
		st = deliver_target(&h.keeper, true);
	if (st == RC_OK) {
		compose(f, &h, &m);
		st = message_prepare(&m, &cpu.other, NULL);
	}
	if (st == RC_OK) {
		outside = outside_leads(&cpu.other);
		st      = deliver_activity(!outside, &a);
	}
	if (st == ST_WAIT) {
		if (is_kept(f->code))
			record(f);
		cpu_wait();
	}
	if (st != RC_OK)
		abandon(f);
	/* Commit. */
	record(f);
	cpu.current->state->regs.rip += f->length;
	cpu.current->state->fault_rights =
	    h.segment ? f->map.rights : h.keeper.rights;
	sched_turn_taken(cpu.activity, process_oid(&cpu.other).v);
	m.cap[3] = deliver_wait(cpu.current, CK_RESTART);
	if (outside) /* S3: a restart of the machine lets it try again. */
		outside_wait(cpu.activity, cpu.call_number, 0);
	message_deliver(&m, &cpu.other);
	cpu.other.state->state = PS_RUNNING;
	deliver_switch(a, false);
}

void
keeper_again(void)
{
	struct state_page *s = cpu.current->state;
	const struct fault f = {
	    .code    = (enum fault_code)s->fault,
	    .access  = (enum fault_access)s->access,
	    .address = s->fault_address,
	    .info    = s->fault_info,
	};

	s->fault = FAULT_NONE;
	keeper_fault(&f);
}
