/* SPDX-License-Identifier: BSD-2-Clause */
/* Node and guard: 32 capability slots. */
#include "kernel/abi/node.stub.h"

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/number.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static unsigned
slot_kind(capreg node, unsigned slot)
{
	OK(node_get(node, slot, R_RT));
	return kind_of(R_RT);
}

void
test_node_get_swap(void)
{
	new_node(A);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		CHECK_IS(slot_kind(A, i), CK_VOID);
	extra(X_NUMBER, B);
	new_page(C);
	OK(node_swap(A, 31, B, D));
	CHECK_IS(kind_of(D), CK_VOID);
	OK(node_swap(A, 31, C, D));
	CHECK(same_cap(D, B));
	OK(node_get(A, 31, D));
	CHECK(same_cap(D, C));
	OK(node_swap(A, 31, 0, D));
	CHECK(same_cap(D, C));
	CHECK_IS(slot_kind(A, 31), CK_VOID);
	/* A node may hold itself. */
	OK(node_swap(A, 0, A, 0));
	OK(node_get(A, 0, D));
	CHECK(same_cap(D, A));
}

void
test_node_bounds(void)
{
	new_node(A);
	CHECK_IS(node_get(A, 32, B), RC_ARGUMENT);
	CHECK_IS(node_get(A, UINT64_MAX, B), RC_ARGUMENT);
	CHECK_IS(node_swap(A, 32, B, C), RC_ARGUMENT);
	CHECK_IS(node_swap(A, UINT64_C(1) << 32, B, C), RC_ARGUMENT);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 10), RC_ORDER);
}

void
test_node_clear_copy(void)
{
	new_node(A);
	new_node(B);
	extra(X_NUMBER, C);
	for (unsigned i = 0; i < NODE_SLOTS; i += 3)
		OK(node_swap(A, i, C, 0));
	OK(node_copy(B, A));
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		CHECK_IS(slot_kind(B, i), i % 3 == 0 ? CK_NUMBER : CK_VOID);
	OK(node_clear(A));
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		CHECK_IS(slot_kind(A, i), CK_VOID);
	CHECK_IS(slot_kind(B, 3), CK_NUMBER);
	OK(node_copy(B, B));
	CHECK_IS(slot_kind(B, 3), CK_NUMBER);
	CHECK_IS(node_copy(B, C), RC_CAPABILITY);
	CHECK_IS(node_copy(B, 0), RC_CAPABILITY);
}

/* Nodes of one frame do not touch each other. */
void
test_node_neighbours(void)
{
	uint64_t at = new_frame();

	extra(X_NUMBER, C);
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		OK(range_node(R_RANGE, at, i, A));
		OK(node_swap(A, i, C, 0));
		OK(node_swap(A, 31, C, 0));
	}
	OK(range_node(R_RANGE, at, 3, A));
	OK(node_clear(A));
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		OK(range_node(R_RANGE, at, i, A));
		for (unsigned k = 0; k < NODE_SLOTS; k++)
			CHECK_IS(slot_kind(A, k),
			    i != 3 && (k == i || k == 31) ? CK_NUMBER
							  : CK_VOID);
	}
}

void
test_node_rights(void)
{
	new_node(A);
	new_node(D);
	extra(X_NUMBER, C);
	OK(node_swap(A, 1, C, 0));
	OK(node_restrict(A, CR_READ_ONLY, B));
	CHECK_IS(node_swap(B, 1, 0, E), RC_RIGHTS);
	CHECK_IS(node_clear(B), RC_RIGHTS);
	CHECK_IS(node_copy(B, D), RC_RIGHTS);
	CHECK_IS(node_make_guard(B, 17, E), RC_RIGHTS);
	new_page(F);
	CHECK_IS(node_make_process(B, F, E), RC_RIGHTS);
	CHECK_IS(slot_kind(B, 1), CK_NUMBER); /* Read-only is not weak. */
	CHECK_IS(node_restrict(A, 32, B), RC_ARGUMENT);
	CHECK_IS(kind_of(E), CK_VOID);
}

/* S15: what a fetch through a weak capability gives, for each kind. */
void
test_node_weak_fetch(void)
{
	static const struct {
		capreg   from;
		unsigned kind;
	} to_void[] = {{R_LOG, CK_VOID}, {R_RANGE, CK_VOID}, {R_CLOCK, CK_VOID},
	    {R_SELF, CK_VOID}, {R_DISCRIM, CK_DISCRIM}, {0, CK_VOID}};
	uint64_t rights = 0;

	new_node(A);
	OK(node_restrict(A, CR_WEAK, B));
	for (unsigned i = 0; i < 6; i++) {
		OK(node_swap(A, 0, to_void[i].from, 0));
		CHECK_IS(slot_kind(B, 0), to_void[i].kind);
	}
	self_start(0, C);
	OK(node_swap(A, 0, C, 0));
	CHECK_IS(slot_kind(B, 0), CK_VOID);
	OK(process_make_notice(R_SELF, 1, C));
	OK(node_swap(A, 0, C, 0));
	CHECK_IS(slot_kind(B, 0), CK_VOID);
	extra(X_SERVICE, C);
	OK(node_swap(A, 0, C, 0));
	CHECK_IS(slot_kind(B, 0), CK_VOID);
	extra(X_NUMBER, C);
	OK(node_swap(A, 0, C, 0));
	CHECK_IS(slot_kind(B, 0), CK_NUMBER);
	new_page(C);
	OK(node_swap(A, 0, C, 0));
	OK(node_get(B, 0, D));
	OK(discrim_classify(R_DISCRIM, D, NULL, &rights, NULL));
	CHECK_IS(rights, CR_READ_ONLY | CR_WEAK);
	CHECK_IS(node_swap(B, 0, 0, E), RC_RIGHTS);
	/* And on, through a node fetched from it. */
	new_node(C);
	OK(node_swap(C, 7, R_SELF, 0));
	OK(node_swap(A, 0, C, 0));
	OK(node_get(B, 0, D));
	CHECK_IS(slot_kind(D, 7), CK_VOID);
	CHECK_IS(node_swap(D, 7, 0, E), RC_RIGHTS);
	CHECK_IS(slot_kind(C, 7), CK_PROCESS);
}

/* S15: a copy of a weak node is as weak as its fetches. */
void
test_node_weak_copy(void)
{
	uint64_t rights = 0;

	new_node(A);
	new_node(B);
	OK(node_swap(A, 0, R_SELF, 0));
	new_page(C);
	OK(node_swap(A, 1, C, 0));
	OK(node_restrict(A, CR_WEAK, A));
	OK(node_copy(B, A));
	CHECK_IS(slot_kind(B, 0), CK_VOID);
	OK(node_get(B, 1, C));
	OK(discrim_classify(R_DISCRIM, C, NULL, &rights, NULL));
	CHECK_IS(rights, CR_READ_ONLY | CR_WEAK);
}

void
test_node_segment(void)
{
	uint64_t data = 0;

	new_node(A);
	OK(discrim_classify(R_DISCRIM, A, NULL, NULL, &data));
	CHECK_IS(data, 17 - 1);
	OK(node_segment(A, 64, B));
	OK(discrim_classify(R_DISCRIM, B, NULL, NULL, &data));
	CHECK_IS(data, 63);
	CHECK_IS(node_segment(A, 0, B), RC_ARGUMENT);
	CHECK_IS(node_segment(A, 65, B), RC_ARGUMENT);
	CHECK_IS(node_segment(A, UINT64_MAX, B), RC_ARGUMENT);
	/* Rights stay. */
	OK(node_restrict(A, CR_READ_ONLY, B));
	OK(node_segment(B, 22, B));
	CHECK_IS(node_clear(B), RC_RIGHTS);
}

/* D6: the old capabilities die when the role changes. */
void
test_node_make_guard(void)
{
	new_node(A);
	cap_copy(A, B);
	OK(node_swap(A, 5, R_SELF, 0));
	CHECK_IS(node_make_guard(A, 0, C), RC_ARGUMENT);
	CHECK_IS(node_make_guard(A, 65, C), RC_ARGUMENT);
	CHECK_IS(kind_of(A), CK_NODE);
	OK(node_make_guard(A, 22, C));
	CHECK_IS(kind_of(A), CK_VOID);
	CHECK_IS(call1(B, NODE_CLEAR), RC_VOID);
	CHECK_IS(kind_of(C), CK_GUARD);
	OK(guard_get(C, 5, D));
	CHECK_IS(kind_of(D), CK_VOID); /* Its slots went with it. */
}

void
test_guard_orders(void)
{
	uint64_t data = 0;

	new_node(A);
	OK(node_make_guard(A, 22, A));
	new_page(B);
	OK(guard_swap(A, 0, B, C));
	CHECK_IS(kind_of(C), CK_VOID);
	OK(guard_get(A, 0, C));
	CHECK(same_cap(B, C));
	CHECK_IS(guard_get(A, 32, C), RC_ARGUMENT);
	CHECK_IS(guard_swap(A, 32, B, C), RC_ARGUMENT);
	OK(guard_segment(A, 30, C));
	OK(discrim_classify(R_DISCRIM, C, NULL, NULL, &data));
	CHECK_IS(data, 29);
	CHECK_IS(guard_segment(A, 0, C), RC_ARGUMENT);
	CHECK_IS(guard_restrict(A, 32, C), RC_ARGUMENT);
	OK(guard_restrict(A, CR_READ_ONLY, C));
	CHECK_IS(guard_swap(C, 0, 0, 0), RC_RIGHTS);
	OK(guard_get(C, 0, D));
	CHECK_IS(call1(A, 3), RC_ORDER);
	CHECK_IS(call1(A, 99), RC_ORDER);
}

/* An opaque guard may be mapped but tells nothing. */
void
test_guard_opaque(void)
{
	new_node(A);
	OK(node_make_guard(A, 22, A));
	OK(guard_restrict(A, CR_OPAQUE, B));
	CHECK_IS(guard_get(B, 0, C), RC_RIGHTS);
	CHECK_IS(guard_swap(B, 0, 0, C), RC_RIGHTS);
	OK(guard_restrict(B, CR_READ_ONLY, C));
	CHECK_IS(guard_get(C, 0, D), RC_RIGHTS);
}

void
test_node_make_process_errors(void)
{
	uint64_t at = new_frame();

	new_node(A);
	new_page(B);
	OK(page_restrict(B, CR_READ_ONLY, C));
	CHECK_IS(node_make_process(A, C, D), RC_RIGHTS);
	OK(page_restrict(B, CR_WEAK, C));
	CHECK_IS(node_make_process(A, C, D), RC_RIGHTS);
	CHECK_IS(node_make_process(A, A, D), RC_CAPABILITY);
	CHECK_IS(node_make_process(A, 0, D), RC_CAPABILITY);
	OK(range_page(R_RANGE, at, C));
	OK(range_rescind(R_RANGE, at, OID_INDEX_FRAME));
	CHECK_IS(node_make_process(A, C, D), RC_CAPABILITY);
	CHECK_IS(kind_of(D), CK_VOID);
	CHECK_IS(kind_of(A), CK_NODE);
	OK(node_make_process(A, B, D));
	CHECK_IS(kind_of(D), CK_PROCESS);
	CHECK_IS(kind_of(A), CK_VOID);
	CHECK_IS(kind_of(B), CK_VOID);
}
