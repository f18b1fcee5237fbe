/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL: the invocation of a capability (D2).
 *
 * Check and prepare come first and may end in ST_WAIT: then the loaded process
 * is queued and runs the same instruction again, from its start. What changes
 * state comes after, and cannot fail.
 */
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/object/cpu.h"
#include "kernel/object/deliver.h"
#include "kernel/object/keeper.h"
#include "kernel/object/known.h"
#include "kernel/object/loan.h"
#include "kernel/object/notice.h"
#include "kernel/object/outside.h"

/* The control word of the loaded process's invocation. */
struct control {
	enum invoke_kind kind;
	uint64_t         word;
};

static enum status
control_decode(uint64_t word, struct control *c)
{
	c->word = word;
	if (control_kind(word) > INVOKE_SEND)
		return RC_CONTROL;
	c->kind = control_kind(word); /* Also a bad return is one. */
	if ((word & CONTROL_BAD) != 0)
		return RC_CONTROL;
	if (c->kind == INVOKE_CALL &&
	    cpu.current->slot[control_send(word, 3)].type != CK_VOID)
		return RC_CONTROL;
	return RC_OK;
}

static void
words_in(uint64_t *word)
{
	const struct registers *r = &cpu.current->state->regs;

	word[0] = r->rdi;
	word[1] = r->rsi;
	word[2] = r->rdx;
	word[3] = r->r10;
	word[4] = r->r8;
}

/* The loaded process becomes available without a message to anybody. */
static _Noreturn void
become_available(void)
{
	struct process  *p  = cpu.current;
	struct activity *a  = cpu.activity;
	oid              me = process_oid(p);

	p->state->state = PS_AVAILABLE;
	cpu.activity    = NULL;
	if (a->notices != 0 || p->state->notices != 0) {
		sched_ready(a);
	} else {
		activity_release(a, true);
		wait_wake_one(WAIT_PROCESS, me.v);
	}
	cpu_dispatch();
}

/* --- To a process: start, resume ----------------------------------------- */

/* What forwarders on the way put into it. */
static void
message_add_forwarded(struct message *m)
{
	if (cpu.via.send & FORWARDER_SEND_WORD)
		m->word[FORWARD_WORD] = cpu.via.word;
	if (cpu.via.send & FORWARDER_SEND_CAP)
		m->cap[FORWARD_CAP] = cpu.via.cap;
}

static void
message_from_registers(
    const struct control *c, const struct ref *to, struct message *m)
{
	const struct registers *r = &cpu.current->state->regs;

	words_in(m->word);
	for (unsigned i = 0; i < MESSAGE_CAPS; i++)
		m->cap[i] = cpu.current->slot[control_send(c->word, i)];
	if (cpu.via.send != 0)
		message_add_forwarded(m);
	m->source  = to->kind == CK_START ? FROM_CALL : FROM_REPLY;
	m->data    = to->kind == CK_START ? to->data : 0;
	m->sender  = cpu.current;
	m->address = r->r9;
	m->bytes   = (uint32_t)r->r12;
}

/*
 * The message is complete and the target in cpu.other: prepare the rest, then
 * change. Returns only if the loaded process goes on.
 */
static enum status
deliver(const struct control *c, struct message *m, struct map_fault *fault)
{
	struct activity *a;
	bool             outside = false;
	uint8_t          parcel  = 0;
	enum status      st;

	st = message_prepare(m, &cpu.other, fault);
	if (st == RC_OK && c->kind == INVOKE_CALL)
		st = outside_prepare_call(&cpu.other, &outside, &parcel);
	if (st == RC_OK)
		st = outside_prepare_caps(m, &cpu.other);
	if (st == RC_OK)
		st = deliver_activity(c->kind != INVOKE_SEND && !outside, &a);
	if (st != RC_OK)
		return st;

	/* Commit: from here on nothing can fail. */
	cpu.via.send = 0;
	sched_turn_taken(cpu.activity, process_oid(&cpu.other).v);
	if (c->kind == INVOKE_CALL)
		m->cap[3] = deliver_wait(cpu.current, CK_RESUME);
	if (outside)
		outside_wait(cpu.activity, cpu.call_number, parcel);
	if (c->kind == INVOKE_RETURN)
		cpu.current->state->state = PS_AVAILABLE;
	outside_commit_caps(m, &cpu.other);
	message_deliver(m, &cpu.other);
	cpu.other.state->state = PS_RUNNING;
	if (c->kind != INVOKE_SEND)
		deliver_switch(a, c->kind == INVOKE_RETURN);
	deliver_ready(a);
	return RC_OK;
}

static enum status
invoke_process(const struct control *c, const struct ref *to,
    struct map_fault *fault)
{
	struct message m = {0};
	enum status    st;

	if ((uint32_t)cpu.current->state->regs.r12 > STRING_MAX)
		return RC_STRING;
	st = deliver_target(to, c->kind == INVOKE_CALL);
	if (st != RC_OK)
		return st;
	message_from_registers(c, to, &m);
	return deliver(c, &m, fault);
}

/*
 * A resident process replies to one that only the pager could bring in (F5):
 * the message goes into the parcel that the call reserved.
 */
static enum status
reply_by_parcel(const struct control *c, const struct cap *resume,
    struct map_fault *fault)
{
	struct ref     to = {.kind = CK_RESUME};
	struct message m  = {0};
	enum status    st;

	message_from_registers(c, &to, &m);
	if (m.bytes > PAGE_SIZE) {
		m.bytes     = PAGE_SIZE;
		m.truncated = true;
	}
	if (m.bytes > 0) {
		st = message_fetch(&m, cpu.string_in, fault);
		if (st != RC_OK)
			return st;
	}
	m.kernel_string = cpu.string_in;
	return outside_reply(resume, &m);
}

/* --- All kinds ------------------------------------------------------------ */

/* Its process is on disk; what is asked of it may be done in core (F5). */
static __attribute__((noinline)) enum status
invoke_absent(const struct control *c, const struct ref *self, enum status st,
    struct map_fault *fault)
{
	struct notice_binding notice;

	if (st == RC_NOT_RESIDENT && self->kind == CK_RESUME)
		return reply_by_parcel(c, &self->cap, fault);
	if (st == RC_NOT_RESIDENT && self->kind == CK_RESTART)
		return kernel_invoke(c->word, fault); /* It knows. */
	if (self->kind != CK_NOTICE)
		return st;
	notice = notice_binding(&self->cap);
	return notice_post(&notice) ? RC_OK : st;
}

static enum status invoke_forwarder(
    const struct control *c, struct ref *self, struct map_fault *fault);

/*
 * By kind. Inlined for those that come by a forwarder and those that do not, so
 * that these pay nothing for it.
 */
static inline __attribute__((always_inline)) enum status
invoke_kind(const struct control *c, struct ref *self, bool forwarded,
    struct map_fault *fault)
{
	struct notice_binding notice;
	enum status           st;

	switch (self->kind) {
	case CK_VOID:
		return RC_VOID;
	case CK_RESTARTED:
		return RC_RESTARTED;
	case CK_START:
		if (c->kind == INVOKE_CALL && self->rights & CR_NO_CALL)
			return RC_RIGHTS;
		return invoke_process(c, self, fault);
	case CK_RESUME:
		st = invoke_process(c, self, fault);
		if (st == RC_NOT_RESIDENT)
			st = reply_by_parcel(c, &self->cap, fault);
		return st;
	case CK_NOTICE:
		notice = notice_binding(&self->cap);
		notice_post(&notice);
		return RC_OK;
	case CK_FORWARDER:
		if (!forwarded)
			return invoke_forwarder(c, self, fault);
		return kernel_invoke_forwarded(c->word, fault);
	default:
		return forwarded ? kernel_invoke_forwarded(c->word, fault)
				 : kernel_invoke(c->word, fault);
	}
}

/* What an opaque one leads to is none: else it would have been followed. */
static __attribute__((noinline)) enum status
invoke_forwarder(
    const struct control *c, struct ref *self, struct map_fault *fault)
{
	enum status st;

	if (!forward_applies(self))
		return kernel_invoke(c->word, fault);
	st = forward_resolve(self, &cpu.via);
	return st == RC_OK ? invoke_kind(c, self, true, fault)
			   : invoke_absent(c, self, st, fault);
}

static enum status
invoke(const struct control *c, struct map_fault *fault)
{
	struct ref *self = &cpu.inv.self;
	struct cap *slot = &cpu.current->slot[control_cap(c->word)];
	enum status st   = ref_prepare(slot, cpu.current->node, self);

	return st == RC_OK ? invoke_kind(c, self, false, fault)
			   : invoke_absent(c, self, st, fault);
}

/* Answer the loaded process with a bare code. */
static _Noreturn void
finish(enum status st, enum invoke_kind kind)
{
	struct registers *r = &cpu.current->state->regs;

	if (cpu.activity->flags & AF_WOKEN)
		sched_turn_over(cpu.activity);
	cpu.activity->retries = 0;
	if (kind == INVOKE_RETURN)
		become_available();
	r->rax = FROM_REPLY;
	r->rdi = st;
	cpu_answered();
}

void
general_answer(enum status st)
{
	cpu.counters.invocations++;
	finish(st, INVOKE_CALL);
}

void
general_load(void)
{
	struct map_space space = process_space(cpu.current);
	struct activity *a     = cpu.activity;
	enum status      st;

	cpu_enter();
	wait_set_process(space.resident,
	    (cpu.current->header->flags & PF_RESERVE) != 0);
	st = map_load(&space);
	known_loaded();
	if (st != RC_OK)
		cpu_load_failed(a, st);
	cpu_continue();
}

/* Its own string is not mapped: run it again after the fault. */
static _Noreturn void
string_fault(const struct map_fault *m)
{
	struct state_page *s = cpu.current->state;
	const struct fault f = {
	    .code    = m->code,
	    .access  = ACCESS_READ,
	    .address = cpu.string_fault,
	    .map     = *m,
	};

	s->regs.rip -= SYSCALL_LENGTH;
	s->regs.trap = TRAP_INTERRUPT;
	keeper_fault(&f);
}

/*
 * A piece of long work is done (D3): it executes the instruction once more, and
 * before that any interrupt that has come.
 */
static _Noreturn void
run_again(void)
{
	struct state_page *s = cpu.current->state;

	s->regs.rip -= SYSCALL_LENGTH;
	s->regs.trap = TRAP_INTERRUPT;
	cpu_continue();
}

void
general_repeat(enum status st)
{
	if (st == ST_AGAIN)
		run_again();
	cpu_wait();
}

/* D16: a system call of a foreign process is a fault. */
static _Noreturn __attribute__((noinline)) void
foreign_call(struct state_page *s)
{
	struct fault f = {
	    .code    = FAULT_FOREIGN,
	    .address = s->regs.rip,
	    .info    = FOREIGN_SYSCALL,
	};

	keep_fault(&f);
}

void
general_invoke(struct state_page *s)
{
	struct control   c = {.kind = INVOKE_CALL};
	struct map_fault fault;
	enum status      st;

	cpu_enter();
	cpu.counters.invocations++;
	wait_set_process((cpu.current->header->flags & PF_RESIDENT) != 0,
	    (cpu.current->header->flags & PF_RESERVE) != 0);
	if (cpu.current->header->flags & PF_FOREIGN)
		foreign_call(s);
	st = control_decode(s->regs.rax, &c);
	if (st == RC_OK)
		st = invoke(&c, &fault);
	cpu.via.send = 0;
	if (st >= ST_WAIT) {
		if (st == ST_FAULT)
			string_fault(&fault);
		general_repeat(st);
	}
	if (st != RC_OK) /* It did not come to what it was lent. */
		loan_end(cpu.current);
	finish(st, c.kind);
}
