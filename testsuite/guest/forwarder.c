/* SPDX-License-Identifier: BSD-2-Clause */
/* Forwarders: targets that can be turned, blocked and revoked (S6). */
#include "kernel/abi/forwarder.stub.h"

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/number.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

enum { MOST = 8 }; /* One behind another. */

/* A forwarder, in `to`; its opaque form, in `handle`. */
static void
forwarder(capreg to, unsigned send, capreg handle)
{
	new_node(to);
	OK(node_make_forwarder(to, to));
	OK(forwarder_opaque(to, send, handle));
}

/* An echo server as instance i, its start capability, with data i + 1. */
static void
echo(unsigned i, capreg process, capreg start)
{
	peer_spawn(process, echo_server, i, PRIORITY_HIGH);
	start_of(process, i + 1, start);
}

void
test_forwarder_orders(void)
{
	uint64_t word = 1, blocked = 1, rights = 0, data = 0;

	new_node(A);
	cap_copy(A, B);
	extra(X_NUMBER, C);
	OK(node_swap(A, 0, C, 0));
	OK(node_make_forwarder(A, E));
	CHECK_IS(kind_of(A), CK_VOID);
	cap_copy(E, A);
	CHECK_IS(kind_of(A), CK_FORWARDER);
	CHECK_IS(kind_of(B), CK_VOID);
	/* Nothing of the node is left in it. */
	OK(forwarder_target(A, D));
	CHECK_IS(kind_of(D), CK_VOID);
	OK(forwarder_fallback(A, D));
	CHECK_IS(kind_of(D), CK_VOID);
	OK(forwarder_state(A, &word, &blocked));
	CHECK_IS(word, 0);
	CHECK_IS(blocked, 0);
	OK(forwarder_set_target(A, C, D));
	CHECK_IS(kind_of(D), CK_VOID);
	OK(forwarder_set_fallback(A, R_LOG, D));
	CHECK_IS(kind_of(D), CK_VOID);
	OK(forwarder_target(A, D));
	CHECK(same_cap(C, D));
	OK(forwarder_fallback(A, D));
	CHECK(same_cap(R_LOG, D));
	OK(forwarder_set_target(A, 0, D));
	CHECK(same_cap(C, D));
	OK(forwarder_set_fallback(A, 0, D));
	CHECK(same_cap(R_LOG, D));
	OK(forwarder_set_word(A, UINT64_MAX));
	OK(forwarder_block(A));
	OK(forwarder_state(A, &word, &blocked));
	CHECK_IS(word, UINT64_MAX);
	CHECK_IS(blocked, 1);
	OK(forwarder_unblock(A));
	OK(forwarder_unblock(A));
	OK(forwarder_state(A, &word, &blocked));
	CHECK_IS(blocked, 0);
	CHECK_IS(forwarder_opaque(A, 4, D), RC_ARGUMENT);
	CHECK_IS(forwarder_opaque(A, UINT64_MAX, D), RC_ARGUMENT);
	OK(forwarder_opaque(A, 3, D));
	OK(discrim_classify(R_DISCRIM, D, NULL, &rights, &data));
	CHECK_IS(rights, CR_OPAQUE);
	CHECK_IS(data, 3);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 11), RC_ORDER);
	/* One that may not be written makes none. */
	new_node(B);
	OK(node_restrict(B, CR_READ_ONLY, C));
	CHECK_IS(node_make_forwarder(C, D), RC_RIGHTS);
	CHECK_IS(kind_of(B), CK_NODE);
}

/* What comes through is what was sent: words, capabilities, string, answer. */
void
test_forwarder_transparent_S6(void)
{
	static char    text[] = "through";
	char           back[16] = "";
	struct message m = {
	    .control = control_make(INVOKE_CALL, D) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(2, R_CLOCK) | CONTROL_RECEIVE(0, E) |
		CONTROL_RECEIVE(1, F) | CONTROL_RECEIVE(2, G),
	    .word = {1, 2, 3, 4, 5},
	    .send = text,
	    .send_bytes = sizeof(text),
	    .receive = back,
	    .receive_limit = sizeof(back),
	};

	echo(0, A, B);
	forwarder(C, 0, D);
	OK(forwarder_set_word(C, 99));
	OK(forwarder_set_target(C, B, 0));
	ant_invoke(&m);
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(message_data(&seen[0].last), 1);
	CHECK_IS(message_source(&seen[0].last), FROM_CALL);
	for (unsigned i = 0; i < MESSAGE_WORDS; i++)
		CHECK_IS(m.word[i], i + 1);
	CHECK_IS(message_received(&m), sizeof(text));
	CHECK_IS(back[6], 'h');
	CHECK(same_cap(E, R_LOG));
	CHECK_IS(kind_of(F), CK_VOID);
	CHECK(same_cap(G, R_CLOCK));
	CHECK_IS(send1(D, 7), RC_OK);
	CHECK_IS(seen[0].count, 2);
	/* A right that the target lacks is not gained on the way. */
	extra(X_NO_CALL, B);
	OK(forwarder_set_target(C, B, 0));
	CHECK_IS(call1(D, 1), RC_RIGHTS);
}

/* Per-client identity: the data word, and which forwarder it was. */
void
test_forwarder_sends_S6(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, D) | CONTROL_SEND(2, R_CLOCK) |
		CONTROL_RECEIVE(2, G),
	    .word = {1, 2, 3, 4, 5},
	};

	echo(0, A, B);
	forwarder(C, FORWARDER_SEND_WORD, D);
	OK(forwarder_set_word(C, 0x123456789abcdef0));
	OK(forwarder_set_target(C, B, 0));
	ant_invoke(&m);
	CHECK_IS(m.word[3], 4);
	CHECK_IS(m.word[4], UINT64_C(0x123456789abcdef0));
	CHECK(same_cap(G, R_CLOCK));
	OK(forwarder_opaque(C, FORWARDER_SEND_CAP, D));
	m.control = control_make(INVOKE_CALL, D) | CONTROL_SEND(2, R_CLOCK) |
	    CONTROL_RECEIVE(2, G);
	m.word[4] = 5;
	ant_invoke(&m);
	CHECK_IS(m.word[4], 5);
	CHECK(same_cap(G, C));
	/* What it added is not added to what goes elsewhere. */
	m.control = control_make(INVOKE_CALL, B) | CONTROL_RECEIVE(2, G);
	m.word[4] = 5;
	ant_invoke(&m);
	CHECK_IS(m.word[4], 5);
	CHECK_IS(kind_of(G), CK_VOID);
}

/* The same when the forwarder led nowhere. */
void
test_forwarder_sends_nothing_S6(void)
{
	struct message m = {.control = control_make(INVOKE_CALL, B),
	    .word = {1, 2, 3, 4, 5}};

	echo(0, A, B);
	forwarder(C, FORWARDER_SEND_ALL, D);
	OK(forwarder_set_word(C, 77));
	CHECK_IS(call1(D, 1), RC_VOID);
	ant_invoke(&m);
	CHECK_IS(m.word[4], 5);
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 8);
	OK(process_make_notice(R_SELF, 5, E));
	OK(forwarder_set_target(C, E, 0));
	CHECK_IS(call1(D, 1), RC_OK);
	ant_invoke(&m);
	CHECK_IS(m.word[4], 5);
}

/* Every kind of target, the kernel's own too, and one that is not opaque. */
void
test_forwarder_kernel_kinds_S6(void)
{
	uint64_t low = 0;
	char     byte = 'x';

	forwarder(C, 0, D);
	extra(X_NUMBER, A);
	OK(forwarder_set_target(C, A, 0));
	OK(number_get(D, &low, NULL));
	CHECK_IS(low, NUMBER_VALUE);
	new_page(A);
	OK(forwarder_set_target(C, A, 0));
	OK(page_write(D, 5, &byte, 1));
	byte = 0;
	OK(page_read(D, 5, 1, &byte, 1, NULL));
	CHECK_IS(byte, 'x');
	new_node(A);
	OK(forwarder_set_target(C, A, 0));
	OK(node_swap(D, 3, R_LOG, E));
	OK(node_get(D, 3, E));
	CHECK(same_cap(E, R_LOG));
	CHECK_IS(node_get(D, 32, E), RC_ARGUMENT);
	/* A service of the boot range. */
	extra(X_SERVICE, A);
	OK(forwarder_set_target(C, A, 0));
	OK(number_get(D, &low, NULL));
	CHECK_IS(low, SERVICE_VALUE);
	/* A forwarder that is not opaque is a thing of the kernel. */
	forwarder(E, 0, F);
	OK(forwarder_set_target(C, E, 0));
	OK(forwarder_set_word(D, 12));
	OK(forwarder_state(E, &low, NULL));
	CHECK_IS(low, 12);
}

/* The kernel gets what the forwarder adds, too. */
void
test_forwarder_kernel_sends_S6(void)
{
	uint64_t low = 0;

	forwarder(C, FORWARDER_SEND_CAP | FORWARDER_SEND_WORD, D);
	new_node(A);
	OK(forwarder_set_target(C, A, 0));
	OK(node_swap(D, 3, R_LOG, E));
	OK(node_get(A, 3, E));
	CHECK(same_cap(E, R_LOG));
	extra(X_NUMBER, B);
	OK(number_get(B, &low, NULL));
	CHECK_IS(low, NUMBER_VALUE);
	/* As ever: the capability 0 of the next order is what it sends. */
	OK(node_swap(A, 3, 0, E));
	CHECK(same_cap(E, R_LOG));
	OK(node_get(A, 3, E));
	CHECK_IS(kind_of(E), CK_VOID);
}

static void
client(uint64_t how)
{
	struct message m = {
	    .control = control_make((enum invoke_kind)how, A),
	    .word = {5},
	};

	board[0]++;
	ant_invoke(&m);
	board[1]++;
	board[2] = m.word[0];
}

/* A client in E, less urgent than the worker, which invokes what is in D. */
static void
client_new(enum invoke_kind how)
{
	peer_new(E, client, how, PRIORITY_HIGH);
	peer_give(E, A, D);
	peer_start(E);
}

void
test_forwarder_blocked_S6(void)
{
	static const enum invoke_kind kinds[] = {INVOKE_CALL, INVOKE_SEND};

	echo(0, A, B);
	forwarder(C, 0, D);
	OK(forwarder_set_target(C, B, 0));
	for (unsigned i = 0; i < 2; i++) {
		OK(forwarder_block(C));
		client_new(kinds[i]);
		CHECK_IS(board[0], i + 1);
		CHECK_IS(board[1], i);
		CHECK_IS(peer_state(E), PS_RUNNING); /* It waits to begin. */
		OK(forwarder_unblock(C));
		CHECK_IS(board[1], i + 1);
		CHECK_IS(board[2], i == 0 ? 5 : RC_OK);
		CHECK_IS(seen[0].count, i + 1);
	}
	/* A return waits as well; then its process is available. */
	OK(forwarder_block(C));
	client_new(INVOKE_RETURN);
	CHECK_IS(peer_state(E), PS_RUNNING);
	OK(forwarder_unblock(C));
	CHECK_IS(peer_state(E), PS_AVAILABLE);
	CHECK_IS(seen[0].count, 3);
	/* One that is turned while it is blocked leads to the new target. */
	OK(forwarder_block(C));
	client_new(INVOKE_CALL);
	OK(forwarder_set_target(C, 0, 0));
	CHECK_IS(board[1], 2);
	OK(forwarder_unblock(C));
	CHECK_IS(board[2], RC_VOID);
}

/* Several that wait go on; it is blocked again before they have all come. */
void
test_forwarder_blocked_many_S6(void)
{
	echo(0, A, B);
	forwarder(C, 0, D);
	OK(forwarder_set_target(C, B, 0));
	OK(forwarder_block(C));
	for (unsigned i = 0; i < 4; i++)
		client_new(INVOKE_CALL);
	CHECK_IS(board[0], 4);
	CHECK_IS(board[1], 0);
	OK(forwarder_unblock(C));
	CHECK_IS(board[1], 4);
	CHECK_IS(seen[0].count, 4);
}

/* Revoked: at once, for all copies, for those who wait as well. */
void
test_forwarder_revoke_S6(void)
{
	uint64_t blocked = 1;

	echo(0, A, B);
	forwarder(C, 0, D);
	cap_copy(D, F);
	OK(forwarder_set_target(C, B, 0));
	OK(forwarder_set_fallback(C, B, 0));
	CHECK_IS(call1(D, 9), 9);
	OK(forwarder_revoke(C));
	CHECK_IS(call1(D, 9), RC_VOID);
	CHECK_IS(call1(F, 9), RC_VOID);
	CHECK_IS(kind_of(B), CK_START);
	/* It can be given a target again. */
	OK(forwarder_set_target(C, B, 0));
	CHECK_IS(call1(F, 9), 9);
	OK(forwarder_block(C));
	client_new(INVOKE_CALL);
	CHECK_IS(board[1], 0);
	OK(forwarder_revoke(C));
	CHECK_IS(board[1], 1);
	CHECK_IS(board[2], RC_VOID);
	OK(forwarder_state(C, NULL, &blocked));
	CHECK_IS(blocked, 0);
}

/* The node of one that is blocked goes: who waits sees void (D5). */
void
test_forwarder_rescinded_S6(void)
{
	for (unsigned i = 0; i < 2; i++) {
		const uint64_t position = new_frame();

		OK(range_node(R_RANGE, position, 2, C));
		OK(node_make_forwarder(C, C));
		OK(forwarder_opaque(C, 0, D));
		OK(forwarder_block(C));
		client_new(INVOKE_CALL);
		CHECK_IS(board[0], i + 1);
		CHECK_IS(board[1], i);
		if (i == 0)
			OK(range_rescind(R_RANGE, position, 2));
		else
			OK(range_free(R_RANGE, position));
		CHECK_IS(kind_of(C), CK_VOID);
		CHECK_IS(kind_of(D), CK_VOID);
		CHECK_IS(board[1], i + 1);
		CHECK_IS(board[2], RC_VOID);
	}
}

/* Whoever is the fallback answers the client itself, with what it sent. */
void
test_forwarder_fallback_S6(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, D) | CONTROL_SEND(0, R_LOG) |
		CONTROL_RECEIVE(0, H),
	    .word = {1, 2, 3, 4, 5},
	};

	echo(0, A, B);
	forwarder(C, 0, D);
	OK(forwarder_set_fallback(C, B, 0));
	/* The target is void. */
	ant_invoke(&m);
	CHECK_IS(m.word[0], 1);
	CHECK_IS(m.word[4], 5);
	CHECK(same_cap(H, R_LOG));
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(message_data(&seen[0].last), 1);
	/* It was destroyed. */
	echo(1, E, F);
	OK(forwarder_set_target(C, F, 0));
	CHECK_IS(call1(D, 8), 8);
	CHECK_IS(seen[1].count, 1);
	CHECK_IS(seen[0].count, 1);
	peer_destroy(E);
	CHECK_IS(call1(D, 8), 8);
	CHECK_IS(seen[1].count, 1);
	CHECK_IS(seen[0].count, 2);
	/* With the data word, if the handle says so. */
	OK(forwarder_set_word(C, 0xd0));
	OK(forwarder_opaque(C, FORWARDER_SEND_WORD, D));
	CHECK_IS(call1(D, 8), 8);
	CHECK_IS(seen[0].last.word[4], 0xd0);
	/* That is void as well: void. */
	peer_destroy(A);
	CHECK_IS(call1(D, 8), RC_VOID);
}

static void
waits_for_us(uint64_t word)
{
	board[3] = call1(A, word);
}

/* A resume capability is a target once; then there is nobody behind it. */
void
test_forwarder_resume_S6(void)
{
	struct message m;

	echo(0, A, B);
	forwarder(C, 0, D);
	OK(forwarder_set_fallback(C, B, 0));
	peer_new(E, waits_for_us, 4, PRIORITY_HIGH);
	self_start(0, F);
	peer_give(E, A, F);
	peer_start(E);
	wait_message(&m);
	CHECK_IS(kind_of(H), CK_RESUME);
	OK(forwarder_set_target(C, H, 0));
	CHECK_IS(send1(D, 44), RC_OK);
	CHECK_IS(board[3], 44);
	CHECK_IS(seen[0].count, 0);
	CHECK_IS(send1(D, 45), RC_OK);
	CHECK_IS(board[3], 44);
	CHECK_IS(seen[0].count, 1);
	OK(forwarder_set_fallback(C, 0, 0));
	CHECK_IS(send1(D, 45), RC_VOID);
}

/* Some behind one another work, more do not, nor does a circle. */
void
test_forwarder_chain_S6(void)
{
	echo(0, A, B);
	for (unsigned n = 1; n <= MOST + 1; n++) {
		forwarder(C, FORWARDER_SEND_WORD, D);
		OK(forwarder_set_word(C, n));
		OK(forwarder_set_target(C, B, 0));
		CHECK_IS(call1(D, 6), n <= MOST ? 6 : RC_LIMIT);
		CHECK_IS(send1(D, 6), n <= MOST ? RC_OK : RC_LIMIT);
		CHECK_IS(seen[0].count, 2 * (n <= MOST ? n : MOST));
		CHECK_IS(seen[0].last.word[4], 1); /* Nearest the target. */
		cap_copy(D, B);
	}
	OK(forwarder_set_target(C, D, 0));
	CHECK_IS(call1(D, 6), RC_LIMIT);
	forwarder(E, 0, F);
	OK(forwarder_set_target(E, D, 0));
	OK(forwarder_set_target(C, F, 0));
	CHECK_IS(call1(F, 6), RC_LIMIT);
	OK(forwarder_set_target(C, 0, 0));
	OK(forwarder_set_fallback(C, F, 0));
	CHECK_IS(call1(F, 6), RC_LIMIT);
}

/* S15: a weak node gives no forwarder, of either form. */
void
test_forwarder_weak_S15(void)
{
	forwarder(C, 0, D);
	new_node(A);
	OK(node_swap(A, 0, C, 0));
	OK(node_swap(A, 1, D, 0));
	OK(node_restrict(A, CR_READ_ONLY | CR_WEAK, B));
	OK(node_get(B, 0, E));
	CHECK_IS(kind_of(E), CK_VOID);
	OK(node_get(B, 1, E));
	CHECK_IS(kind_of(E), CK_VOID);
	/* Nor is it a segment. */
	new_page(A);
	OK(forwarder_set_target(C, A, 0));
	new_node(B);
	OK(node_swap(B, 0, D, 0));
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
}
