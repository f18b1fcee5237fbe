/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocation of a capability that the kernel implements.
 *
 * The common case sends no capability and no string, and gets words back, so
 * what is seldom used is not cleared at each call but after it was used:
 *
 * Invariants, between two entries:
 *  1. cpu.inv.cap is void but for those that cpu.inv_caps says.
 *  2. cpu.inv.out_cap is all void.
 */
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/object/cpu.h"
#include "kernel/object/message.h"
#include "kernel/object/ref.h"

/*
 * What forwarders on the way add. True: there is a capability now; its node was
 * found in this entry, and is held.
 */
static __attribute__((noinline)) bool
add_forwarded(struct invocation *inv)
{
	const unsigned send = cpu.via.send;

	cpu.via.send = 0;
	if (send & FORWARDER_SEND_WORD)
		inv->word[FORWARD_WORD] = cpu.via.word;
	return send & FORWARDER_SEND_CAP &&
	    ref_prepare(&cpu.via.cap, NULL, &inv->cap[FORWARD_CAP]) == RC_OK;
}

/* Look at the sent capabilities. */
static enum status
look_at_caps(uint64_t control, struct invocation *inv)
{
	bool added = false;

	if (cpu.inv_caps != INV_CAPS_NONE) {
		memset(inv->cap, 0, sizeof(inv->cap));
		if (cpu.via.send != 0)
			added = add_forwarded(inv);
	}
	cpu.inv_caps = added || (control & CONTROL_SENDS) != 0
	    ? INV_CAPS_ALL
	    : INV_CAPS_NONE;
	for (unsigned i = 0; cpu.inv_caps != INV_CAPS_NONE && i < MESSAGE_CAPS;
	     i++) {
		unsigned    reg = control_send(control, i);
		enum status st;

		if (reg == 0)
			continue;
		st = ref_prepare(&cpu.current->slot[reg], cpu.current->node,
		    &inv->cap[i]);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

/* Fetch the string. Dispatch refuses one that is too long. */
static enum status
fetch_string(struct invocation *inv, struct map_fault *fault)
{
	struct message m = {
	    .sender  = cpu.current,
	    .address = cpu.current->state->regs.r9,
	    .bytes   = inv->string_bytes,
	};

	return m.bytes > PAGE_SIZE ? RC_OK
				   : message_fetch(&m, cpu.string_in, fault);
}

/* The answer's string: m was prepared for all that the caller will take. */
static void
reply_string(struct invocation *inv, struct message *m, uint64_t *result)
{
	if (inv->out_bytes > m->fits)
		*result |= RESULT_TRUNCATED;
	else
		m->fits = inv->out_bytes;
	message_copy(m);
	*result |= (uint64_t)m->fits << RESULT_LENGTH_SHIFT;
}

static void
reply_caps(struct invocation *inv, uint64_t control, uint64_t *result)
{
	struct cap *slot   = cpu.current->slot;
	uint32_t    filled = 0;

#pragma GCC unroll 4
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		unsigned reg = control_receive(control, i);

		if (inv->out_cap[i].type != CK_VOID)
			*result |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		if (reg != 0) {
			slot[reg] = inv->out_cap[i];
			filled |= UINT32_C(1) << reg;
		}
	}
	process_note_received(cpu.current, filled);
	memset(inv->out_cap, 0, sizeof(inv->out_cap));
}

/* Did the method give a capability? */
static bool
gives_caps(const struct invocation *inv)
{
	return (inv->out_cap[0].type | inv->out_cap[1].type |
		   inv->out_cap[2].type | inv->out_cap[3].type) != CK_VOID;
}

/* To the loaded process itself, which called; it goes on. */
static _Noreturn void
reply(struct invocation *inv, uint64_t control, struct message *m,
    enum status st)
{
	struct registers *r      = &cpu.current->state->regs;
	uint64_t          result = FROM_REPLY;

	debug_assert(st == RC_OK || !gives_caps(inv));
	if (control >> CONTROL_RECEIVE_SHIFT != 0 || gives_caps(inv))
		reply_caps(inv, control, &result);
	if (m != NULL && st == RC_OK && inv->out_bytes > 0)
		reply_string(inv, m, &result);
	r->rax = result;
	r->rdi = st;
	r->rsi = inv->out_word[1];
	r->rdx = inv->out_word[2];
	r->r10 = inv->out_word[3];
	r->r8  = inv->out_word[4];
	cpu.activity->retries = 0;
	sched_turn_over(cpu.activity);
	cpu_continue();
}

static inline void
words(struct invocation *inv)
{
	const struct registers *r = &cpu.current->state->regs;

	inv->word[0] = r->rdi;
	inv->word[1] = r->rsi;
	inv->word[2] = r->rdx;
	inv->word[3] = r->r10;
	inv->word[4] = r->r8;
	inv->out_word[1] = inv->out_word[2] = 0;
	inv->out_word[3] = inv->out_word[4] = 0;
	inv->out_bytes    = 0;
	inv->string_bytes = (uint32_t)r->r12;
	inv->string       = cpu.string_in;
	inv->out_string   = cpu.string_out;
	inv->committed    = false;
}

/* Room for a string in the answer. */
static enum status
prepare_room(struct message *m)
{
	*m = (struct message){
	    .kernel_string = cpu.string_out,
	    .bytes         = INV_STRING_MAX,
	};
	return message_prepare(m, cpu.current, NULL);
}

enum status
kernel_invoke(uint64_t control, struct map_fault *fault)
{
	struct invocation *inv  = &cpu.inv;
	const bool         call = control_kind(control) == INVOKE_CALL;
	struct message     m, *room = NULL;
	enum status        st;

	words(inv);
	inv->kind = control_kind(control);
	st        = look_at_caps(control, inv);
	if (st == RC_OK && inv->string_bytes != 0)
		st = fetch_string(inv, fault);
	if (st == RC_OK)
		st = process_prepare_write(cpu.current);
	if (st == RC_OK && call && cpu.current->state->regs.r12 >> 32 != 0) {
		room = &m;
		st   = prepare_room(&m);
	}
	if (st == RC_OK)
		st = method_dispatch(inv);
	else
		return st;
	if (st >= ST_WAIT) {
		debug_assert(st == ST_AGAIN || !inv->committed);
		if (!cpu.loaded)
			cpu_dispatch();
		return st;
	}
	if (!cpu.loaded)
		cpu_dispatch(); /* It destroyed itself. */
	if (call)
		reply(inv, control, room, st);
	if (gives_caps(inv))
		memset(inv->out_cap, 0, sizeof(inv->out_cap));
	return st;
}

enum status
kernel_invoke_forwarded(uint64_t control, struct map_fault *fault)
{
	if (cpu.via.send != 0)
		cpu.inv_caps = INV_CAPS_ALL; /* So that they are looked at. */
	if (cpu.via.send & FORWARDER_SEND_CAP)
		control &= ~CONTROL_SEND(FORWARD_CAP, 31);
	return kernel_invoke(control, fault);
}

/* --- Words alone ----------------------------------------------------------- */

#define KIND(k) (UINT64_C(1) << (k))

/* Kinds complete in themselves: what ref_prepare has to look up is nothing. */
_Static_assert(offsetof(struct ref, kind) == offsetof(struct cap, type) &&
	offsetof(struct ref, rights) == offsetof(struct cap, rights) &&
	offsetof(struct ref, data) == offsetof(struct cap, data),
    "look_at_complete copies them together");

static const uint64_t complete = KIND(CK_NUMBER) | KIND(CK_SCHEDULE) |
    KIND(CK_RANGE) | KIND(CK_SNAPSHOT) | KIND(CK_CLOCK) | KIND(CK_DISCRIM) |
    KIND(CK_LOG) | KIND(CK_KINFO) | KIND(CK_IRQ_SPACE) | KIND(CK_PORT_SPACE) |
    KIND(CK_MMIO_SPACE) | KIND(CK_DMA_SPACES) | KIND(CK_CACHE) |
    KIND(CK_PAGER) | KIND(CK_RESET);

/* Kinds that the general path serves itself, or that lead elsewhere. */
static const uint64_t elsewhere = KIND(CK_VOID) | KIND(CK_START) |
    KIND(CK_RESUME) | KIND(CK_NOTICE) | KIND(CK_BOOTSVC) | KIND(CK_RESTARTED);

_Static_assert(CK_COUNT <= 64, "a mask of kinds is 64 bits");

/* What ref_prepare gives for a complete kind. */
static inline void
look_at_complete(const struct cap *slot, struct ref *self)
{
	/* Kind, rights, data: the same bytes in both. */
	memcpy(self, slot, offsetof(struct cap, count));
	self->service = 0;
	self->index   = (unsigned)slot->word & 7;
	self->cap     = *slot;
	self->frame   = NULL;
}

/* For the others; RC_VOID, among others: the general path. */
static inline enum status
look_at_self(struct cap *slot, struct ref *self)
{
	enum status st;

	if (slot->type == CK_FORWARDER && (slot->rights & CR_OPAQUE) != 0)
		return RC_VOID;
	if (elsewhere >> slot->type & 1)
		return RC_VOID;
	st = ref_prepare(slot, cpu.current->node, self);
	return st == RC_OK && (elsewhere >> self->kind & 1) ? RC_VOID : st;
}

/*
 * The first capability of a call, which may be void; no other is sent.
 */
static __attribute__((noinline)) enum status
look_at_first(const struct state_page *s, struct invocation *inv)
{
	const unsigned sent = control_send(s->regs.rax, 0);

	if (cpu.inv_caps == INV_CAPS_ALL)
		memset(inv->cap, 0, sizeof(inv->cap));
	if (sent == 0) {
		inv->cap[0]  = (struct ref){.kind = CK_VOID};
		cpu.inv_caps = INV_CAPS_NONE;
		return RC_OK;
	}
	cpu.inv_caps = INV_CAPS_FIRST;
	return ref_prepare(
	    &cpu.current->slot[sent], cpu.current->node, &inv->cap[0]);
}

void
kernel_call(struct state_page *s, struct cap *slot)
{
	struct invocation *inv   = &cpu.inv;
	const unsigned     flags = cpu.current->header->flags;
	struct registers  *r;
	enum status        st = RC_OK;

	if (slot->type >= CK_COUNT || flags & PF_FOREIGN)
		general_invoke(s);
	cpu_enter();
	wait_set_process(
	    (flags & PF_RESIDENT) != 0, (flags & PF_RESERVE) != 0);
	if (complete >> slot->type & 1)
		look_at_complete(slot, &inv->self);
	else if (slot->type == CK_VOID)
		general_answer(RC_VOID);
	else
		st = look_at_self(slot, &inv->self);
	if (st == ST_WAIT)
		general_repeat(st);
	if (st != RC_OK)
		general_invoke(s);
	if (unlikely(cpu.inv_caps != INV_CAPS_NONE)) {
		st = look_at_first(s, inv);
		if (st == ST_WAIT)
			general_repeat(st);
		if (st != RC_OK)
			general_answer(st);
	}
	cpu.counters.invocations++;
	words(inv);
	inv->kind = INVOKE_CALL;
	st = method_dispatch(inv);
	if (!cpu.loaded)
		cpu_dispatch(); /* It destroyed itself. */
	if (st >= ST_WAIT) {
		debug_assert(st == ST_AGAIN || !inv->committed);
		general_repeat(st);
	}
	r      = &cpu.current->state->regs; /* It may have moved. */
	r->rax = FROM_REPLY;
	if (gives_caps(inv))
		reply_caps(inv, 0, &r->rax);
	r->rdi = st;
	r->rsi = inv->out_word[1];
	r->rdx = inv->out_word[2];
	r->r10 = inv->out_word[3];
	r->r8  = inv->out_word[4];
	cpu.activity->retries = 0;
	if (cpu.activity->flags & AF_WOKEN)
		sched_turn_over(cpu.activity);
	cpu_answered();
}
