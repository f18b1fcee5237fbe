/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Weak, on every path that reads a capability (S15): confinement depends on
 * each of them. One test for each path, each with a capability of every kind.
 */
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

enum {
	SEALED = CR_READ_ONLY | CR_WEAK,
};

/* What fills the slots: one of each kind that a domain can get hold of. */
static const enum extra_slot extras[] = {X_SCHEDULE, X_KINFO, X_NUMBER,
    X_IRQ_SPACE, X_PORT_SPACE, X_MMIO_SPACE, X_DMA_SPACES, X_SERVICE, X_DONE,
    X_CACHE, X_PAGER, X_SNAPSHOT, X_RESET};

enum {
	EXTRAS = sizeof(extras) / sizeof(extras[0]),
	SERVICE_AT = 12, /* discrim says what a boot service leads to. */
};

/* Fill A with them, its own kinds first. Uses C. */
static unsigned
fill_node(void)
{
	static const capreg held[] = {R_LOG, R_RANGE, R_CLOCK, R_SELF,
	    R_DISCRIM};
	unsigned            n = 0;

	for (; n < sizeof(held) / sizeof(held[0]); n++)
		OK(node_swap(A, n, held[n], 0));
	for (unsigned i = 0; i < EXTRAS; i++) {
		extra(extras[i], C);
		OK(node_swap(A, n++, C, 0));
	}
	OK(process_make_notice(R_SELF, 1, C));
	OK(node_swap(A, n++, C, 0));
	new_node(C);
	OK(node_make_guard(C, 17, C));
	OK(node_swap(A, n++, C, 0));
	new_node(C);
	OK(node_make_forwarder(C, C));
	OK(node_swap(A, n++, C, 0));
	OK(forwarder_set_target(C, A, 0));
	OK(forwarder_opaque(C, 0, C));
	OK(node_swap(A, n++, C, 0));
	new_node(C);
	OK(node_swap(A, n++, C, 0));
	new_page(C);
	OK(node_swap(A, n++, C, 0));
	return n;
}

/* May a capability of this kind come out, and with which rights? */
static bool
passes(uint64_t was, uint64_t kind, uint64_t rights)
{
	switch (was) {
	case CK_PAGE:
	case CK_NODE:
		return kind == was && (rights & SEALED) == SEALED;
	case CK_VOID:
	case CK_NUMBER:
	case CK_DISCRIM:
		return kind == was;
	default:
		return kind == CK_VOID;
	}
}

/* Each slot of A as it comes out by `get`, which puts it into D. */
static void
each_passes(unsigned n, enum status (*get)(capreg, uint64_t, capreg),
    capreg through)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t was = CK_COUNT, kind = CK_COUNT, rights = 0;

		OK(node_get(A, i, C));
		OK(discrim_classify(R_DISCRIM, C, &was, NULL, NULL));
		CHECK(was != CK_VOID && was != CK_COUNT);
		if (i == SERVICE_AT)
			was = CK_BOOTSVC;
		OK(get(through, i, D));
		OK(discrim_classify(R_DISCRIM, D, &kind, &rights, NULL));
		CHECK(passes(was, kind, rights));
	}
}

/* S15: node.get, and what a message or a process slot makes of the node. */
void
test_weak_get_S15(void)
{
	unsigned n;

	new_node(A);
	n = fill_node();
	OK(node_restrict(A, CR_WEAK, B));
	each_passes(n, node_get, B);
	CHECK_IS(node_swap(B, 0, 0, D), RC_RIGHTS);
	/* Rights only grow; a span does not take them away. */
	OK(node_restrict(B, 0, B));
	each_passes(n, node_get, B);
	OK(node_segment(B, 22, B));
	each_passes(n, node_get, B);
	/* Through a register and a fixed slot of a process. */
	peer_new(E, echo_server, 0, PRIORITY_HIGH);
	OK(process_swap(E, 5, B, 0));
	OK(process_get(E, 5, F));
	each_passes(n, node_get, F);
	OK(process_swap(E, SLOT_SPACE, B, 0));
	OK(process_get(E, SLOT_SPACE, F));
	each_passes(n, node_get, F);
}

/* S15: what came back from another process is as weak as it was. */
void
test_weak_message_S15(void)
{
	struct message m;
	unsigned       n;

	new_node(A);
	n = fill_node();
	OK(node_restrict(A, CR_WEAK, B));
	peer_spawn(E, echo_server, 0, PRIORITY_HIGH);
	start_of(E, 0, F);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, F) | CONTROL_SEND(0, B) |
		CONTROL_RECEIVE(0, G),
	};
	ant_invoke(&m);
	CHECK(message_has_cap(&m, 0) && same_cap(B, G));
	each_passes(n, node_get, G);
}

/* S15: node.copy from a weak one. */
void
test_weak_copy_S15(void)
{
	unsigned n;

	new_node(A);
	n = fill_node();
	OK(node_restrict(A, CR_WEAK, B));
	new_node(E);
	OK(node_copy(E, B));
	each_passes(n, node_get, E);
	CHECK_IS(node_copy(B, E), RC_RIGHTS);
	/* What was copied stays weak, if E itself is not. */
	OK(node_get(E, n - 2, F));
	CHECK_IS(kind_of(F), CK_NODE);
	CHECK_IS(node_swap(F, 0, R_LOG, D), RC_RIGHTS);
	OK(node_get(E, n - 1, F));
	CHECK_IS(page_write(F, 0, "x", 1), RC_RIGHTS);
}

/* S15: a node fetched through a weak one, and one fetched through that. */
void
test_weak_deep_S15(void)
{
	unsigned n;

	new_node(A);
	n = fill_node();
	for (unsigned i = 0; i < 3; i++) {
		new_node(E);
		OK(node_swap(E, 9, i == 0 ? A : F, 0));
		cap_copy(E, F);
	}
	OK(node_restrict(F, CR_WEAK, F));
	for (unsigned i = 0; i < 3; i++)
		OK(node_get(F, 9, F));
	each_passes(n, node_get, F);
}

/* S15: guard.get, and the guarded space through a weak guard. */
void
test_weak_guard_S15(void)
{
	unsigned n;

	new_node(A);
	n = fill_node();
	new_node(E);
	OK(node_make_guard(E, 22, E));
	for (unsigned i = 0; i < n; i++) {
		OK(node_get(A, i, C));
		OK(guard_swap(E, i, C, 0));
	}
	OK(guard_restrict(E, CR_WEAK, F));
	each_passes(n, guard_get, F);
	CHECK_IS(guard_swap(F, 0, 0, D), RC_RIGHTS);
	OK(guard_segment(F, 27, F));
	each_passes(n, guard_get, F);
	OK(guard_swap(E, 0, A, 0));
	OK(guard_get(F, 0, F));
	each_passes(n, node_get, F);
}

/*
 * S15: the walk of an address space. Pages are read-only; guards, and with
 * them whom their keepers are, are not reached.
 */
void
test_weak_walk_S15(void)
{
	unsigned n;

	new_node(A);
	n = fill_node();
	OK(node_restrict(A, CR_WEAK, B));
	map_window(0, B);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *at = (uint8_t *)window(0) + i * PAGE_SIZE;
		bool     page;

		OK(node_get(A, i, C));
		page = kind_of(C) == CK_PAGE;
		if (page) {
			CHECK_IS(probe(at, ACCESS_READ), FAULT_NONE);
			CHECK_IS(probe(at, ACCESS_WRITE), FAULT_ACCESS);
		} else {
			CHECK(probe(at, ACCESS_READ) != FAULT_NONE);
			CHECK(probe(at, ACCESS_WRITE) != FAULT_NONE);
		}
	}
}

/* S15: a weak node on top makes all below read-only, whatever they grant. */
void
test_weak_walk_deep_S15(void)
{
	new_page(A);
	new_node(B);
	OK(node_swap(B, 3, A, 0));
	new_node(C);
	OK(node_segment(C, 22, C));
	OK(node_swap(C, 1, B, 0));
	map_window(0, C);
	CHECK_IS(probe((uint8_t *)window(0) + (35 << PAGE_SHIFT), ACCESS_WRITE),
	    FAULT_NONE);
	OK(node_restrict(C, CR_WEAK, E));
	map_window(1, E);
	CHECK_IS(probe((uint8_t *)window(1) + (35 << PAGE_SHIFT), ACCESS_READ),
	    FAULT_NONE);
	CHECK_IS(probe((uint8_t *)window(1) + (35 << PAGE_SHIFT), ACCESS_WRITE),
	    FAULT_ACCESS);
	/* In the middle, too. */
	OK(node_restrict(B, CR_WEAK, B));
	OK(node_swap(C, 1, B, 0));
	CHECK_IS(probe((uint8_t *)window(0) + (35 << PAGE_SHIFT), ACCESS_WRITE),
	    FAULT_ACCESS);
}

/* S15: the guard that a keeper gets is as weak as the one in the space. */
void
test_weak_keeper_S15(void)
{
	uint64_t rights = 0;

	new_node(A);
	OK(node_make_guard(A, 22, A));
	self_start(0x50, B); /* As probe() expects of a keeper. */
	OK(guard_swap(A, 1, B, 0));
	new_node(B);
	OK(guard_swap(A, 0, B, 0));
	OK(guard_swap(A, 2, R_LOG, 0));
	OK(guard_restrict(A, CR_WEAK | CR_OPAQUE, A));
	map_window(0, A);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe_fault.word[0], KEEPER_SEGMENT);
	CHECK_IS(kind_of(E), CK_GUARD);
	OK(discrim_classify(R_DISCRIM, E, NULL, &rights, NULL));
	CHECK_IS(rights & CR_WEAK, CR_WEAK);
	OK(guard_get(E, 2, F));
	CHECK_IS(kind_of(F), CK_VOID);
}

/* S15: no-execute only grows, by restrict, fetch, copy and span. */
void
test_weak_no_execute_S15(void)
{
	uint64_t rights = 0;

	new_page(A);
	OK(page_restrict(A, CR_NO_EXECUTE, A));
	OK(page_restrict(A, 0, A));
	OK(page_restrict(A, CR_READ_ONLY, B));
	OK(discrim_classify(R_DISCRIM, B, NULL, &rights, NULL));
	CHECK_IS(rights, CR_NO_EXECUTE | CR_READ_ONLY);
	new_node(C);
	OK(node_swap(C, 0, A, 0));
	OK(node_restrict(C, CR_WEAK | CR_NO_EXECUTE, D));
	OK(node_get(D, 0, B));
	OK(discrim_classify(R_DISCRIM, B, NULL, &rights, NULL));
	CHECK_IS(rights, CR_NO_EXECUTE | SEALED);
	OK(node_segment(D, 22, D));
	OK(discrim_classify(R_DISCRIM, D, NULL, &rights, NULL));
	CHECK_IS(rights, CR_NO_EXECUTE | CR_WEAK);
	map_window(0, D);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_NONE);
	CHECK_IS(probe(window(0), ACCESS_EXECUTE), FAULT_ACCESS);
}

static void
discreet_is(capreg c, bool want)
{
	uint64_t discreet = 2;

	OK(discrim_discreet(R_DISCRIM, c, &discreet));
	CHECK_IS(discreet, want);
}

/*
 * discrim.discreet.1: of all kinds only what neither writes nor calls; and all
 * that comes out of a node that is discreet is so, too.
 */
void
test_discrim_discreet(void)
{
	uint64_t kind = CK_COUNT;
	unsigned n;

	new_node(A);
	n = fill_node();
	OK(node_restrict(A, SEALED, B));
	for (unsigned i = 0; i < n; i++) {
		OK(node_get(A, i, C));
		OK(discrim_classify(R_DISCRIM, C, &kind, NULL, NULL));
		discreet_is(C, (kind == CK_NUMBER && i != SERVICE_AT) ||
		    kind == CK_DISCRIM);
		OK(node_get(B, i, D));
		discreet_is(D, true);
	}
	discreet_is(0, true);
	discreet_is(B, true);
	OK(node_restrict(A, CR_WEAK, C));
	discreet_is(C, false);
	OK(node_restrict(A, CR_READ_ONLY, C));
	discreet_is(C, false);
	new_page(C);
	discreet_is(C, false);
	OK(page_restrict(C, CR_READ_ONLY, C));
	discreet_is(C, true);
	/* Neither right makes a guard safe, whose keeper is called. */
	new_node(C);
	OK(node_make_guard(C, 17, C));
	OK(guard_restrict(C, SEALED, C));
	discreet_is(C, false);
	/* What was rescinded is void. */
	peer_new(C, echo_server, 0, PRIORITY_LOW);
	start_of(C, 0, D);
	discreet_is(D, false);
	discreet_is(C, false);
	peer_destroy(C);
	discreet_is(D, true);
	OK(process_make_start(R_SELF, 3, D));
	discreet_is(D, false);
}
