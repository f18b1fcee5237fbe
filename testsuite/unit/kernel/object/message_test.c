/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings: lengths, borders, holes, overlaps (S12). */
#include "testsuite/unit/kernel/object/support.h"

static struct process client, server;

enum { SPACE_BYTES = PAGES * PAGE_SIZE };

/* A server that receives at this address; `same`: in the client's space. */
static void
two(bool same, uint64_t at, uint32_t limit)
{
	start_machine();
	client = make_process(SOURCE_EPHEMERAL, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	if (same)
		process_put(&server, SLOT_SPACE, &client.slot[SLOT_SPACE]);
	make_available(&server, CONTROL_RECEIVE(3, 4), at, limit);
	client.slot[1] = start_cap(&server, 0);
	run_process(&client);
}

/* A byte of a process's space. */
static uint8_t *
at(const struct process *p, uint64_t address)
{
	return page_of(p, (unsigned)(address / PAGE_SIZE)) +
	    address % PAGE_SIZE;
}

static void
fill(const struct process *p)
{
	for (unsigned i = 0; i < SPACE_BYTES; i++)
		*at(p, i) = (uint8_t)(i % 251);
}

static uint32_t
received(void)
{
	return (uint32_t)(server.state->regs.rax >> RESULT_LENGTH_SHIFT) &
	    RESULT_LENGTH_MASK;
}

static bool
truncated(void)
{
	return (server.state->regs.rax & RESULT_TRUNCATED) != 0;
}

/* Every border of a page, on either side. */
static void
S12_lengths_and_borders(void)
{
	static const uint32_t bytes[] = {
	    1, 15, 4095, 4096, 4097, 8192, 65535, STRING_MAX};
	static const uint32_t offset[] = {0, 1, 4095, 4096, 4097};

	for (unsigned i = 0; i < 8; i++)
		for (unsigned a = 0; a < 5; a++)
			for (unsigned b = 0; b < 5; b++) {
				two(false, offset[b], STRING_MAX);
				fill(&client);
				(void)invoke_string(
				    control_make(INVOKE_CALL, 1), 7, offset[a],
				    bytes[i]);
				CU_ASSERT(runs(&server));
				CU_ASSERT_EQUAL(received(), bytes[i]);
				CU_ASSERT_FALSE(truncated());
				for (uint32_t k = 0; k < bytes[i]; k += 97)
					CU_ASSERT_EQUAL(
					    *at(&server, offset[b] + k),
					    (offset[a] + k) % 251);
				CU_ASSERT_EQUAL(
				    *at(&server, offset[b] + bytes[i]), 0);
			}
}

/* S12: in one space, any two overlapping pieces, as memmove. */
static void
S12_overlap_is_memmove(void)
{
	static const uint32_t where[] = {0, 1, 100, 4095, 4096, 5000, 9000};
	static uint8_t        want[SPACE_BYTES];
	const uint32_t        bytes = 20000;

	for (unsigned a = 0; a < 7; a++)
		for (unsigned b = 0; b < 7; b++) {
			bool same = true;

			two(true, where[b], STRING_MAX);
			fill(&client);
			for (unsigned i = 0; i < SPACE_BYTES; i++)
				want[i] = *at(&client, i);
			memmove(want + where[b], want + where[a], bytes);
			(void)invoke_string(
			    control_make(INVOKE_CALL, 1), 7, where[a], bytes);
			CU_ASSERT_EQUAL(received(), bytes);
			for (unsigned i = 0; i < SPACE_BYTES; i++)
				same = same && *at(&client, i) == want[i];
			CU_ASSERT(same);
		}
}

/*
 * S12: one page in common, at other places of two spaces, as memmove: no byte is
 * written over before it has been read.
 */
static void
S12_one_page_in_common(void)
{
	static const uint32_t where[] = {0, 1, 1000, 4000, 4096, 5000};
	static uint8_t        want[3 * PAGE_SIZE];
	const uint32_t        bytes = 7000;

	for (unsigned a = 0; a < 6; a++)
		for (unsigned b = 0; b < 6; b++) {
			bool same = true;

			two(false, where[b], STRING_MAX);
			frame_nodes(server.node)->slot[1][1] =
			    frame_nodes(client.node)->slot[1][1];
			fill(&client);
			for (unsigned i = 0; i < bytes; i++)
				want[i] = *at(&client, where[a] + i);
			(void)invoke_string(
			    control_make(INVOKE_CALL, 1), 7, where[a], bytes);
			CU_ASSERT_EQUAL(received(), bytes);
			for (unsigned i = 0; i < bytes; i++)
				same = same &&
				    *at(&server, where[b] + i) == want[i];
			CU_ASSERT(same);
		}
}

static void
limit_truncates(void)
{
	two(false, 10, 100);
	fill(&client);
	(void)invoke_string(control_make(INVOKE_CALL, 1), 7, 0, 101);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(received(), 100);
	CU_ASSERT(truncated());
	CU_ASSERT_EQUAL(*at(&server, 109), 99);
	CU_ASSERT_EQUAL(*at(&server, 110), 0);
	two(false, 10, 0); /* Who takes none. */
	(void)invoke_string(control_make(INVOKE_CALL, 1), 7, 0, 1);
	CU_ASSERT_EQUAL(received(), 0);
	CU_ASSERT(truncated());
}

/* The receiver's hole truncates; its end of space, and wild addresses, too. */
static void
receiver_hole_truncates(void)
{
	static const uint64_t wild[] = {UINT64_C(0x7fffffffffff),
	    UINT64_C(0x800000000000), UINT64_MAX, UINT64_MAX - 4096};

	two(false, SPACE_BYTES - 10, STRING_MAX);
	fill(&client);
	(void)invoke_string(control_make(INVOKE_CALL, 1), 7, 0, 1000);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(received(), 10);
	CU_ASSERT(truncated());
	for (unsigned i = 0; i < 4; i++) {
		two(false, wild[i], STRING_MAX);
		(void)invoke_string(control_make(INVOKE_CALL, 1), 7, 0, 1000);
		CU_ASSERT(runs(&server));
		CU_ASSERT_EQUAL(received(), 0);
		CU_ASSERT(truncated());
	}
}

/* The sender's hole is its own fault, told with the address missed. */
static void
sender_hole_faults(void)
{
	two(false, 0, STRING_MAX);
	(void)invoke_string(
	    control_make(INVOKE_CALL, 1), 7, SPACE_BYTES - 10, 1000);
	CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(client.state->fault, FAULT_UNMAPPED);
	CU_ASSERT_EQUAL(client.state->fault_address, SPACE_BYTES);
	CU_ASSERT_EQUAL(client.state->regs.rip, 0x1000); /* To run again. */
	CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
	two(false, 0, STRING_MAX);
	(void)invoke_string(
	    control_make(INVOKE_CALL, 1), 7, UINT64_MAX - 5, 1000);
	CU_ASSERT_EQUAL(client.state->fault, FAULT_UNMAPPED);
	CU_ASSERT_EQUAL(client.state->fault_address, UINT64_MAX - 5);
}

static void
too_long_is_refused(void)
{
	two(false, 0, STRING_MAX);
	(void)invoke_string(control_make(INVOKE_CALL, 1), 7, 0, STRING_MAX + 1);
	CU_ASSERT(cpu.current->state == client.state);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_STRING);
	CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
}

const struct runner_test message_tests[] = {
    RUNNER_TEST(S12_lengths_and_borders),
    RUNNER_TEST(S12_overlap_is_memmove),
    RUNNER_TEST(S12_one_page_in_common),
    RUNNER_TEST(limit_truncates),
    RUNNER_TEST(receiver_hole_truncates),
    RUNNER_TEST(sender_hole_faults),
    RUNNER_TEST(too_long_is_refused),
    {NULL, NULL},
};
