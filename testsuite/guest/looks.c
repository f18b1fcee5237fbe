/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kernel looks into a capability itself, so that no domain can stand
 * there for another object: the first table of proxy.def. B is a capability to
 * a domain, as a proxy's is.
 */
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static void
domain(void)
{
	peer_spawn(A, echo_server, 0, PRIORITY_HIGH);
	start_of(A, 7, B);
}

/* The space, the schedule and the ports of a process are what they are. */
void
test_looks_slots(void)
{
	domain();
	peer_new(C, echo_server, 1, PRIORITY_HIGH);
	CHECK_IS(process_swap(C, SLOT_SPACE, B, 0), RC_CAPABILITY);
	CHECK_IS(process_swap(C, SLOT_SCHEDULE, B, 0), RC_CAPABILITY);
	CHECK_IS(process_swap(C, SLOT_IO, B, 0), RC_CAPABILITY);
	/* A keeper is a domain, and nothing else. */
	OK(process_swap(C, SLOT_KEEPER, B, 0));
	extra(X_KINFO, D);
	CHECK_IS(process_swap(C, SLOT_KEEPER, D, 0), RC_CAPABILITY);
	CHECK_IS(seen[0].count, 0);
}

/* The walk does not ask a domain that stands in a node, or in a guard. */
void
test_looks_walk(void)
{
	domain();
	new_node(C);
	OK(node_swap(C, 0, B, 0));
	map_window(4, C);
	CHECK_IS(probe(window(4), ACCESS_READ), FAULT_MALFORMED);
	new_node(C);
	OK(node_make_guard(C, 20, C));
	OK(guard_swap(C, 0, B, 0));
	map_window(4, C);
	CHECK_IS(probe(window(4), ACCESS_READ), FAULT_MALFORMED);
	CHECK_IS(seen[0].count, 0);
}

/* A keeper in a guard is called; what is no domain is none. */
void
test_looks_keeper(void)
{
	new_node(C);
	OK(node_make_guard(C, 20, C));
	self_start(0x50, E);
	OK(guard_swap(C, 1, E, 0));
	map_window(4, C);
	CHECK_IS(probe(window(4), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe_fault.word[0], KEEPER_SEGMENT);
	extra(X_KINFO, E);
	OK(guard_swap(C, 1, E, 0));
	CHECK_IS(probe(window(4), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe_fault.word[0], KEEPER_PROCESS);
}

/* A brand is compared as it stands: another way to it is another brand. */
void
test_looks_brand(void)
{
	uint64_t same = 2;

	domain();
	new_node(C);
	OK(process_swap(A, SLOT_BRAND, C, 0));
	OK(discrim_branded(R_DISCRIM, A, C, &same));
	CHECK_IS(same, 1);
	OK(discrim_branded(R_DISCRIM, A, B, &same));
	CHECK_IS(same, 0);
	/* Whoever stands before a process bears his own brand. */
	peer_new(D, echo_server, 1, PRIORITY_HIGH);
	start_of(D, 1, D);
	OK(discrim_branded(R_DISCRIM, D, C, &same));
	CHECK_IS(same, 0);
}

/* Discrim tells a domain from what it stands for, and one from another. */
void
test_looks_discrim(void)
{
	uint64_t kind = 0, same = 2, discreet = 2;

	domain();
	extra(X_NUMBER, C);
	OK(discrim_classify(R_DISCRIM, B, &kind, NULL, NULL));
	CHECK_IS(kind, CK_START);
	OK(discrim_compare(R_DISCRIM, B, C, &same));
	CHECK_IS(same, 0);
	OK(discrim_compare(R_DISCRIM, C, B, &same));
	CHECK_IS(same, 0);
	start_of(A, 8, D);
	OK(discrim_compare(R_DISCRIM, B, D, &same));
	CHECK_IS(same, 0);
	OK(discrim_discreet(R_DISCRIM, C, &discreet));
	CHECK_IS(discreet, 1);
	OK(discrim_discreet(R_DISCRIM, B, &discreet));
	CHECK_IS(discreet, 0);
	CHECK_IS(seen[0].count, 0);
}

/* A range knows the frames of what it is asked about, not of who answers. */
void
test_looks_identify(void)
{
	domain();
	CHECK_IS(range_identify(R_RANGE, B, NULL, NULL, NULL), RC_NOT_FOUND);
	CHECK_IS(seen[0].count, 0);
}
