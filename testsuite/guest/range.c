/* SPDX-License-Identifier: BSD-2-Clause */
/* Range: authority over frames. */
#include "kernel/abi/range.stub.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

void
test_range_length(void)
{
	uint64_t frames = 0, source = 0;

	OK(range_length(R_RANGE, &frames, &source));
	CHECK_IS(frames, ARENA_FRAMES);
	CHECK_IS(source, SOURCE_EPHEMERAL);
	CHECK_IS(call1(R_RANGE, 0), RC_ORDER);
	CHECK_IS(call1(R_RANGE, 9), RC_ORDER);
}

void
test_range_split(void)
{
	uint64_t frames = 0, at = new_frame();

	OK(range_split(R_RANGE, at, 1, A));
	OK(range_length(A, &frames, NULL));
	CHECK_IS(frames, 1);
	OK(range_page(A, 0, B));
	OK(range_page(R_RANGE, at, C));
	CHECK(same_cap(B, C));
	CHECK_IS(range_page(A, 1, B), RC_ARGUMENT);
	CHECK_IS(range_split(A, 0, 2, B), RC_ARGUMENT);
	CHECK_IS(range_split(A, 2, 0, B), RC_ARGUMENT);
	CHECK_IS(range_split(A, 1, UINT64_MAX, B), RC_ARGUMENT);
	CHECK_IS(range_split(A, UINT64_MAX, 1, B), RC_ARGUMENT);
	OK(range_split(A, 1, 0, B));
	CHECK_IS(range_page(B, 0, C), RC_ARGUMENT);
}

void
test_range_page(void)
{
	uint64_t at = new_frame();

	OK(range_page(R_RANGE, at, A));
	OK(page_write(A, 0, "x", 1));
	OK(range_page(R_RANGE, at, B)); /* The same, not a new one. */
	CHECK(same_cap(A, B));
	OK(page_read(B, 0, 1, echo_buffer, 1, NULL));
	CHECK_IS(echo_buffer[0], 'x');
	CHECK_IS(range_page(R_RANGE, ARENA_FRAMES, B), RC_ARGUMENT);
	CHECK_IS(range_page(R_RANGE, UINT64_MAX, B), RC_ARGUMENT);
	CHECK_IS(range_node(R_RANGE, at, 0, B), RC_STATE);
}

void
test_range_node(void)
{
	uint64_t at = new_frame();

	CHECK_IS(range_node(R_RANGE, at, 7, A), RC_ARGUMENT);
	CHECK_IS(range_node(R_RANGE, at, UINT64_MAX, A), RC_ARGUMENT);
	CHECK_IS(range_node(R_RANGE, ARENA_FRAMES, 0, A), RC_ARGUMENT);
	OK(range_node(R_RANGE, at, 6, A));
	OK(range_node(R_RANGE, at, 6, B));
	CHECK(same_cap(A, B));
	OK(range_node(R_RANGE, at, 5, B));
	CHECK(!same_cap(A, B));
	CHECK_IS(range_page(R_RANGE, at, B), RC_STATE);
	/* Of another role: its node is not for sale. */
	OK(node_make_guard(A, 20, A));
	CHECK_IS(range_node(R_RANGE, at, 6, B), RC_STATE);
}

void
test_range_rescind_page(void)
{
	uint64_t at = new_frame();

	OK(range_page(R_RANGE, at, A));
	cap_copy(A, B);
	OK(page_write(A, 100, "secret", 6));
	OK(range_rescind(R_RANGE, at, OID_INDEX_FRAME));
	CHECK_IS(page_zero(A), RC_VOID);
	CHECK_IS(call1(B, 99), RC_VOID);
	OK(range_page(R_RANGE, at, C));
	CHECK(!same_cap(A, C));
	OK(page_read(C, 100, 6, echo_buffer, 6, NULL));
	CHECK_IS(echo_buffer[0], 0);
	CHECK_IS(page_zero(A), RC_VOID); /* It stays dead. */
}

void
test_range_rescind_node(void)
{
	uint64_t at = new_frame();

	OK(range_node(R_RANGE, at, 2, A));
	OK(range_node(R_RANGE, at, 3, B));
	OK(node_swap(A, 0, R_SELF, 0));
	OK(node_swap(B, 0, R_SELF, 0));
	OK(range_rescind(R_RANGE, at, 2));
	CHECK_IS(node_clear(A), RC_VOID);
	OK(node_get(B, 0, C)); /* Its neighbour lives. */
	CHECK(same_cap(C, R_SELF));
	OK(range_node(R_RANGE, at, 2, C));
	OK(node_get(C, 0, D));
	CHECK_IS(kind_of(D), CK_VOID);
	CHECK(!same_cap(A, C));
}

void
test_range_rescind_errors(void)
{
	uint64_t at = new_frame(), fresh = new_frame();

	CHECK_IS(range_rescind(R_RANGE, at, 8), RC_ARGUMENT);
	CHECK_IS(range_rescind(R_RANGE, at, UINT64_MAX), RC_ARGUMENT);
	CHECK_IS(range_rescind(R_RANGE, ARENA_FRAMES, 7), RC_ARGUMENT);
	OK(range_rescind(R_RANGE, fresh, 7)); /* There is nothing. */
	OK(range_rescind(R_RANGE, fresh, 0));
	OK(range_page(R_RANGE, at, A));
	CHECK_IS(range_rescind(R_RANGE, at, 0), RC_STATE);
	CHECK_IS(kind_of(A), CK_PAGE);
	OK(range_free(R_RANGE, at));
	OK(range_node(R_RANGE, at, 0, A));
	CHECK_IS(range_rescind(R_RANGE, at, 7), RC_STATE);
	CHECK_IS(kind_of(A), CK_NODE);
}

/* Freed and used again, a frame has no old capability, of whatever kind. */
void
test_range_free(void)
{
	uint64_t at = new_frame();

	OK(range_page(R_RANGE, at, A));
	OK(range_free(R_RANGE, at));
	CHECK_IS(call1(A, PAGE_ZERO), RC_VOID);
	OK(range_free(R_RANGE, at)); /* Twice does no harm. */
	OK(range_node(R_RANGE, at, 0, B));
	CHECK_IS(call1(A, PAGE_ZERO), RC_VOID);
	OK(range_free(R_RANGE, at));
	CHECK_IS(call1(B, NODE_CLEAR), RC_VOID);
	OK(range_page(R_RANGE, at, C));
	CHECK_IS(call1(A, PAGE_ZERO), RC_VOID);
	CHECK_IS(call1(B, NODE_CLEAR), RC_VOID);
	CHECK(!same_cap(A, C));
	CHECK_IS(range_free(R_RANGE, ARENA_FRAMES), RC_ARGUMENT);
}

void
test_range_free_nodes(void)
{
	uint64_t at = new_frame();

	for (unsigned i = 0; i < FRAME_NODES; i++)
		OK(range_node(R_RANGE, at, i, A + i));
	OK(node_make_guard(A, 20, A));
	new_page(R_RT);
	OK(node_make_process(B, R_RT, B));
	OK(range_free(R_RANGE, at));
	for (unsigned i = 0; i < FRAME_NODES; i++)
		CHECK_IS(kind_of(A + i), CK_VOID);
}

void
test_range_identify(void)
{
	uint64_t at = new_frame(), page = new_frame(), p = 0, i = 0, state = 1;

	OK(range_node(R_RANGE, at, 4, A));
	OK(range_identify(R_RANGE, A, &p, &i, NULL));
	CHECK_IS(p, at);
	CHECK_IS(i, 4);
	OK(node_make_guard(A, 20, A));
	OK(range_identify(R_RANGE, A, &p, &i, NULL));
	CHECK_IS(i, 4);
	OK(range_page(R_RANGE, page, B));
	OK(range_identify(R_RANGE, B, &p, &i, &state));
	CHECK_IS(state, 0);
	CHECK_IS(p, page);
	CHECK_IS(i, OID_INDEX_FRAME);
	OK(range_identify(R_RANGE, R_SELF, &p, NULL, NULL));
	OK(range_split(R_RANGE, page, 1, C));
	OK(range_identify(C, B, &p, &i, NULL));
	CHECK_IS(p, 0);
	CHECK_IS(range_identify(C, A, &p, &i, NULL), RC_NOT_FOUND);
	CHECK_IS(range_identify(R_RANGE, 0, &p, &i, NULL), RC_NOT_FOUND);
	CHECK_IS(range_identify(R_RANGE, R_LOG, &p, &i, NULL), RC_NOT_FOUND);
	OK(range_node(R_RANGE, at, 5, A));
	OK(node_make_process(A, B, A));
	OK(range_identify(R_RANGE, A, &p, &i, &state));
	CHECK_IS(p, at);
	CHECK_IS(i, 5);
	CHECK_IS(state, page + 1);
	OK(range_split(R_RANGE, at, 1, C));
	OK(range_identify(C, A, &p, &i, &state));
	CHECK_IS(state, 0); /* It is not in that range. */
	self_start(0, D);
	CHECK_IS(range_identify(R_RANGE, D, &p, &i, NULL), RC_NOT_FOUND);
	CHECK_IS(range_identify(R_RANGE, R_EXTRA, &p, &i, NULL), RC_NOT_FOUND);
}

/* F3: node and page of a process cannot be had back through the range. */
void
test_range_process_parts(void)
{
	uint64_t node = new_frame(), page = new_frame();

	OK(range_node(R_RANGE, node, 0, A));
	OK(range_page(R_RANGE, page, B));
	OK(node_make_process(A, B, C));
	CHECK_IS(range_page(R_RANGE, page, D), RC_STATE);
	CHECK_IS(range_node(R_RANGE, page, 0, D), RC_STATE);
	CHECK_IS(range_node(R_RANGE, node, 0, D), RC_STATE);
	CHECK_IS(range_rescind(R_RANGE, page, OID_INDEX_FRAME), RC_STATE);
	CHECK_IS(kind_of(C), CK_PROCESS);
	OK(range_rescind(R_RANGE, node, 0));
	CHECK_IS(kind_of(C), CK_VOID);
	OK(range_node(R_RANGE, node, 0, D));
	OK(range_page(R_RANGE, page, D)); /* An ordinary page again. */
	OK(page_read(D, 0, PAGE_SIZE, echo_buffer, PAGE_SIZE, NULL));
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		if (echo_buffer[i] != 0)
			CHECK(!"the page was cleared");
}

static void
asks(uint64_t word)
{
	board[word]     = call1(A, word);
	board[word + 4] = 1;
}

/* A client in `to` that waits for us; its resume capability is in H. */
static void
client_of_us(capreg to, uint64_t word)
{
	struct message m;

	peer_new(to, asks, word, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(to, A, B);
	peer_start(to);
	wait_message(&m);
	CHECK_IS(m.word[0], word);
}

/* Each who waits for what the node holds is told, at once, and only once. */
void
test_range_abandon_S6(void)
{
	const uint64_t at = new_frame();
	uint64_t       told = 9;

	OK(range_node(R_RANGE, at, 3, C));
	client_of_us(D, 1);
	OK(node_swap(C, 0, H, 0));
	cap_copy(H, G);
	client_of_us(E, 2);
	OK(node_swap(C, 31, H, 0));
	/* One that was answered already, and a copy in the same node. */
	OK(node_swap(C, 30, H, 0));
	client_of_us(F, 3);
	CHECK_IS(send1(H, 77), RC_OK);
	CHECK_IS(board[3], 77);
	OK(node_swap(C, 5, H, 0));
	OK(range_abandon(R_RANGE, at, 2, &told));
	CHECK_IS(told, 0);
	OK(range_abandon(R_RANGE, at, 3, &told));
	CHECK_IS(told, 2);
	CHECK_IS(board[5], 1);
	CHECK_IS(board[1], RC_RESTARTED);
	CHECK_IS(board[6], 1);
	CHECK_IS(board[2], RC_RESTARTED);
	CHECK_IS(send1(G, 5), RC_VOID);
	OK(range_abandon(R_RANGE, at, 3, &told));
	CHECK_IS(told, 0);
}

static void
faults_once(uint64_t unused)
{
	(void)unused;
	if (board[0]++ == 0)
		__builtin_trap();
	board[1] = 1;
}

/* The keeper is a process, and its restart capability in a register of it. */
void
test_range_abandon_fault_S6(void)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H),
	};
	const uint64_t at = new_frame();
	uint64_t       told = 0;

	OK(range_node(R_RANGE, at, 0, C));
	new_page(E);
	OK(node_make_process(C, E, F));
	peer_new(A, faults_once, 0, PRIORITY_HIGH);
	self_start(2, B);
	peer_give(A, SLOT_KEEPER, B);
	peer_start(A);
	ant_invoke(&m);
	CHECK_IS(m.word[1], FAULT_INSTRUCTION);
	OK(process_swap(F, 9, H, 0));
	peer_give(A, SLOT_KEEPER, 0);
	OK(range_abandon(R_RANGE, at, 0, &told));
	CHECK_IS(told, 1);
	/* It ran the same instruction again, and nobody is there to be told. */
	CHECK_IS(board[0], 1);
	CHECK_IS(peer_fault(A), FAULT_INSTRUCTION);
	CHECK_IS(kind_of(H), CK_VOID);
}

void
test_range_abandon_errors(void)
{
	const uint64_t at = new_frame();

	CHECK_IS(range_abandon(R_RANGE, ARENA_FRAMES, 0, NULL), RC_ARGUMENT);
	CHECK_IS(range_abandon(R_RANGE, at, 7, NULL), RC_ARGUMENT);
	CHECK_IS(range_abandon(R_RANGE, at, 0, NULL), RC_STATE);
	OK(range_page(R_RANGE, at, C));
	CHECK_IS(range_abandon(R_RANGE, at, 0, NULL), RC_STATE);
}
