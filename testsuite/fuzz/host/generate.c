/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is invoked, and with what: mostly orders that the kind has, numbers and
 * addresses that found errors before; now and then anything.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/abi/node.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/abi/schedule.order.h"
#include "kernel/abi/snapshot.order.h"
#include "kernel/mem/frame.h"

enum {
	USER_BYTES = 4 * PAGE_SIZE, /* Mapped from 0 on, at first. */
	TICK_NS = 1000000,
	SNAPSHOT_SLOT = 12,
	KEPT = 4, /* Where a resident process keeps what it will answer. */
	KEPT_MOST = 4,
};


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

uint64_t
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
	    192, 200, XSAVE_BYTES, 1024, 4095, 4096, 4097, 8192, STRING_MAX, STRING_MAX + 1,
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

/* What may be admitted, mostly. */
static void
terms_of_reserve(struct registers *r)
{
	r->rdi = SCHEDULE_RESERVE;
	r->rsi = TICK_NS * (1 + below(60));
	r->rdx = r->rsi / (1 + below(20));
	if (one_in(8))
		r->rdx = any_number();
}

#define KIND(k) (UINT64_C(1) << (k))

static uint64_t
make_control(uint32_t x, struct registers *r)
{
	static const uint8_t often[] = {CK_NODE, CK_NODE, CK_PAGE, CK_PROCESS,
	    CK_START, CK_RESUME, CK_RANGE, CK_GUARD, CK_FORWARDER, CK_RESTART,
	    CK_NOTICE, CK_CLOCK, CK_SCHEDULE};
	const struct mnode *n = node_at(x);
	const unsigned      target = register_with(x,
		 one_in(2) ? KIND(often[below(sizeof(often))]) : ~KIND(CK_VOID));
	const struct mcap   c = cap_now(&n->slot[target]);
	const bool process = c.kind == CK_START || c.kind == CK_RESUME;
	const uint64_t      k = below(100);
	enum invoke_kind    kind;
	const uint64_t      calls = n->p.resident ? 40 : process ? 50 : 85;
	uint64_t            control;

	kind = k < calls ? INVOKE_CALL
	    : k < (process || n->p.resident ? 75 : 97)  ? INVOKE_SEND
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
	if (c.kind == CK_NODE && one_in(2)) /* Few slots, so that they are used. */
		r->rsi = r->rdi == NODE_RESTRICT ? UINT64_C(1) << below(5)
						: below(6);
	if (c.kind == CK_SCHEDULE && one_in(2))
		terms_of_reserve(r);
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
	if (n->p.resident && kind == INVOKE_RETURN)
		control = (control & ~CONTROL_RECEIVE(3, 31)) |
		    CONTROL_RECEIVE(3, KEPT + below(KEPT_MOST));
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

/* Does somebody wait for a page that x could lend? The invocation, then. */
static bool
lends(uint32_t x, struct registers *r)
{
	const struct mnode *n = node_at(x);
	unsigned            restart = 0, page = 0;

	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		if (n->slot[i].kind == CK_RESTART && answers(&n->slot[i]))
			restart = i;
		if (n->slot[i].kind == CK_PAGE &&
		    cap_now(&n->slot[i]).kind == CK_PAGE &&
		    (page == 0 || one_in(2)))
			page = i;
	}
	if (restart != 0 && page == 0)
		page = machine_give_page(x);
	if (restart == 0 || page == 0)
		return false;
	r->rdi = RESTART_LEND;
	r->rax = control_make(one_in(2) ? INVOKE_SEND : INVOKE_CALL, restart) |
	    CONTROL_SEND(0, page);
	r->r12 = 0;
	return true;
}

/* Does somebody wait on disk for what x, which is resident, has to say? */
static bool
resident_replies(uint32_t x, struct registers *r)
{
	const struct mnode *n = node_at(x);

	if (!n->p.resident)
		return false;
	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		const struct mcap *c = &n->slot[i];

		if (!is_awaited_outside(c))
			continue;
		if (!is_away(c)) { /* It can leave once it has been cleaned. */
			if (one_in(8) && n->slot[SNAPSHOT_SLOT].kind == CK_SNAPSHOT) {
				r->rdi = SNAPSHOT_TAKE;
				r->r12 = 0;
				r->rax = control_make(INVOKE_CALL, SNAPSHOT_SLOT);
				return true;
			}
			r->rax = control_make(INVOKE_RETURN, 0) |
			    CONTROL_RECEIVE(3, KEPT + (i - KEPT + 1) % KEPT_MOST);
			return one_in(2); /* Until somebody else calls. */
		}
		r->rax = control_make((enum invoke_kind)(c->kind == CK_RESUME
					  ? below(3)
					  : INVOKE_CALL),
		    i);
		if (c->kind == CK_RESTART)
			r->rdi = below(3);
		r->rax |= CONTROL_SEND(1, any_register());
		r->r12 = one_in(2) ? any_length() : 0;
		return true;
	}
	return false;
}

/* A persistent process calls a resident one that is available. */
static bool
calls_resident(uint32_t x, struct registers *r)
{
	const struct mnode *n = node_at(x);

	if (!at_persistent(x))
		return false;
	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		const struct mcap c = cap_now(&n->slot[i]);

		if (c.kind != CK_START || !is_resident(c.at) ||
		    !is_whole(c.at) || proc_at(c.at)->state != PS_AVAILABLE)
			continue;
		r->rax = control_make(INVOKE_CALL, i);
		return true;
	}
	return false;
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

void
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
	} else if (one_in(2) && resident_replies(x, &r)) {
		proc_at(x)->regs = r;
		return;
	} else if (one_in(3) && calls_resident(x, &r)) {
		proc_at(x)->regs = r;
		return;
	} else if (one_in(2) && lends(x, &r)) {
		proc_at(x)->regs = r;
		return;
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

