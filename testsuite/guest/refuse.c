/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is refused before any method is called, for every order of every kind
 * by the generated list: orders that do not exist, rights that are missing,
 * strings of a wrong length, capabilities of a wrong kind.
 */
#include "kernel/abi/cache.stub.h"
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/ports.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/conform.h"
#include "testsuite/guest/tests.h"

enum { REFUSE_PORTS = 0x2400, REFUSE_MMIO = 0xe0000000, REFUSE_GSI = 20 };

static void
faulting(uint64_t unused)
{
	(void)unused;
	__builtin_trap();
}

/* The restart capability of a peer that faulted. */
static void
sample_restart(capreg to)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, to),
	};

	peer_new(G, faulting, 0, PRIORITY_HIGH);
	self_start(0x60, R_RT);
	peer_give(G, SLOT_KEEPER, R_RT);
	peer_start(G);
	ant_invoke(&m);
	CHECK_IS(message_data(&m), 0x60);
}

static void
sample_guard(capreg to)
{
	new_node(to);
	OK(node_make_guard(to, 20, to));
}

/* Of devices: what is taken here is given back by drop(). */
static bool
sample_device(unsigned kind, capreg to)
{
	switch (kind) {
	case CK_IRQ:
		extra(X_IRQ_SPACE, to);
		OK(irq_space_alloc_line(to, REFUSE_GSI, 0, 0, "r", 1, to));
		return true;
	case CK_PORTS:
		extra(X_PORT_SPACE, to);
		OK(port_space_alloc(to, REFUSE_PORTS, 8, "r", 1, to));
		return true;
	case CK_MMIO:
		extra(X_MMIO_SPACE, to);
		OK(mmio_space_alloc(to, REFUSE_MMIO, 4096, 0, "r", 1, to));
		return true;
	case CK_DMA:
		extra(X_DMA_SPACES, to);
		OK(dma_spaces_alloc(to, 0x00f0, 64, "r", 1, to));
		return true;
	case CK_WINDOW:
		extra(X_CACHE, to);
		OK(cache_window(to, 2, to));
		return true;
	default:
		return false;
	}
}

/* The kinds of which system.dts gives one; 0: it does not. */
static unsigned
in_extra(unsigned kind)
{
	static const uint8_t slot[CK_COUNT] = {
	    [CK_SCHEDULE] = 1 + X_SCHEDULE,
	    [CK_KINFO] = 1 + X_KINFO,
	    [CK_NUMBER] = 1 + X_NUMBER,
	    [CK_IRQ_SPACE] = 1 + X_IRQ_SPACE,
	    [CK_PORT_SPACE] = 1 + X_PORT_SPACE,
	    [CK_MMIO_SPACE] = 1 + X_MMIO_SPACE,
	    [CK_DMA_SPACES] = 1 + X_DMA_SPACES,
	    [CK_CACHE] = 1 + X_CACHE,
	    [CK_PAGER] = 1 + X_PAGER,
	    [CK_SNAPSHOT] = 1 + X_SNAPSHOT,
	    [CK_RESET] = 1 + X_RESET,
	};

	return slot[kind];
}

/* A capability of this kind with all rights; false: we know none. */
static bool
sample(unsigned kind, capreg to)
{
	if (in_extra(kind) != 0) {
		extra((enum extra_slot)(in_extra(kind) - 1), to);
		return true;
	}
	switch (kind) {
	case CK_PAGE:
		new_page(to);
		return true;
	case CK_NODE:
		new_node(to);
		return true;
	case CK_GUARD:
		sample_guard(to);
		return true;
	case CK_FORWARDER:
		new_node(to);
		OK(node_make_forwarder(to, to));
		return true;
	case CK_PROCESS:
		peer_new(to, faulting, 0, PRIORITY_LOW);
		return true;
	case CK_RESTART:
		sample_restart(to);
		return true;
	case CK_NOTICE:
		OK(process_make_notice(R_SELF, 9, to));
		return true;
	case CK_RANGE:
		OK(range_split(R_RANGE, new_frame(), 1, to));
		return true;
	case CK_CLOCK:
		cap_copy(R_CLOCK, to);
		return true;
	case CK_DISCRIM:
		cap_copy(R_DISCRIM, to);
		return true;
	case CK_LOG:
		cap_copy(R_LOG, to);
		return true;
	default:
		return sample_device(kind, to);
	}
}

static void
drop(unsigned kind, capreg of)
{
	if (kind == CK_IRQ)
		OK(irq_release(of));
	else if (kind == CK_PORTS)
		OK(ports_release(of));
	else if (kind == CK_MMIO)
		OK(mmio_release(of));
	else if (kind == CK_DMA)
		OK(dma_release(of));
}

/* One with a right less. */
static bool
restricted(unsigned kind, unsigned rights, capreg from, capreg to)
{
	switch (kind) {
	case CK_PAGE:
		OK(page_restrict(from, rights, to));
		return true;
	case CK_NODE:
		OK(node_restrict(from, rights, to));
		return true;
	case CK_GUARD:
		OK(guard_restrict(from, rights, to));
		return true;
	case CK_KINFO:
		extra(X_KINFO_OPAQUE, to);
		return rights == CR_OPAQUE;
	case CK_DMA:
		OK(dma_restrict(from, rights, to));
		return true;
	case CK_MMIO:
		OK(mmio_restrict(from, rights, to));
		return true;
	case CK_LOG:
		extra(X_LOG_READ_ONLY, to);
		return rights == CR_READ_ONLY;
	case CK_IRQ_SPACE:
		extra(X_IRQ_READ_ONLY, to);
		return rights == CR_READ_ONLY;
	case CK_PORT_SPACE:
		extra(X_PORT_READ_ONLY, to);
		return rights == CR_READ_ONLY;
	case CK_MMIO_SPACE:
		extra(X_MMIO_READ_ONLY, to);
		return rights == CR_READ_ONLY;
	case CK_DMA_SPACES:
		extra(X_DMA_READ_ONLY, to);
		return rights == CR_READ_ONLY;
	default:
		return false;
	}
}

/* Invoke an order with a string of this length and perhaps a capability. */
static uint64_t
order(capreg self, unsigned number, uint32_t bytes, capreg cap)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, self) | CONTROL_SEND(0, cap),
	    .word = {number},
	    .send = echo_buffer,
	    .send_bytes = bytes,
	};

	ant_invoke(&m);
	return m.word[0];
}

static void
note(const struct conform_order *o, uint64_t got, enum status want)
{
	CHECK_IS(got, want);
	if (got == want)
		conform_seen(o, want);
}

/* A is the sample. */
static void
refuse_rights(const struct conform_order *o)
{
	unsigned tried = 0;

	for (unsigned right = 1; right <= CR_ALL; right <<= 1) {
		if (!(o->forbidden & right) ||
		    !restricted(o->kind, right, A, B))
			continue;
		note(o, order(B, o->number, o->string_min, 0), RC_RIGHTS);
		tried++;
	}
	CHECK(tried > 0 || o->forbidden == 0);
}

static void
refuse_string(const struct conform_order *o)
{
	if (o->string_min > 0)
		note(o, order(A, o->number, o->string_min - 1, 0), RC_STRING);
	note(o, order(A, o->number, o->string_max + 1, 0), RC_STRING);
	note(o, order(A, o->number, STRING_MAX, 0), RC_STRING);
}

static void
refuse_cap(const struct conform_order *o)
{
	if (o->ncaps == 0 || o->caps[0] == UINT64_MAX)
		return;
	note(o, order(A, o->number, o->string_min, 0), RC_CAPABILITY);
	note(o, order(A, o->number, o->string_min, F), RC_CAPABILITY);
	/* A domain cannot stand for what the kernel looks into (proxy.def). */
	if (!(o->caps[0] >> CK_START & 1))
		note(o, order(A, o->number, o->string_min, H),
		    RC_CAPABILITY);
}

static void
refuse_orders(unsigned kind, unsigned limit)
{
	static const uint64_t never[] = {256, UINT64_C(1) << 32, UINT64_MAX};
	bool                  known[256] = {false};
	const struct conform_order *o;

	for (unsigned i = 0; (o = conform_order(i)) != NULL; i++)
		if (o->kind == kind)
			known[o->number] = true;
	for (unsigned n = 0; n <= limit; n++)
		if (n == limit || !known[n])
			CHECK_IS(call1(A, n), RC_ORDER);
	for (unsigned i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		CHECK_IS(call1(A, never[i]), RC_ORDER);
}

/* Every kind with orders has a sample here: a new one fails until it has. */
void
test_refuse_all(void)
{
	const struct conform_order *o;
	const struct conform_kind  *k;

	extra(X_KINFO, F);
	self_start(0x61, H);
	for (unsigned i = 0; (k = conform_kind(i)) != NULL; i++) {
		if (k->limit == 0)
			continue; /* It has no orders. */
		check_true(sample(k->kind, A), __FILE__, __LINE__, k->name);
		CHECK_IS(kind_of(A), k->kind);
		if (check_failed())
			return;
		refuse_orders(k->kind, k->limit);
		for (unsigned j = 0; (o = conform_order(j)) != NULL; j++) {
			if (o->kind != k->kind)
				continue;
			refuse_rights(o);
			refuse_string(o);
			refuse_cap(o);
		}
		CHECK_IS(kind_of(A), k->kind);
		drop(k->kind, A);
	}
}
