/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings: 0 to 64 KiB, at any address. */
#include <string.h>

#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

static uint8_t out[STRING_MAX + 2 * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t in[STRING_MAX + 2 * PAGE_SIZE] __attribute__((aligned(4096)));

static void
echo(void)
{
	peer_spawn(A, echo_server, 0, PRIORITY_HIGH);
	start_of(A, 0, B);
}

/* There and back, nothing before and behind touched. */
static void
round_trip(unsigned from, unsigned to, unsigned bytes)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .send = out + from,
	    .send_bytes = bytes,
	    .receive = in + to,
	    .receive_limit = STRING_MAX,
	};

	for (unsigned i = 0; i < bytes; i++)
		out[from + i] = (uint8_t)(i * 13 + bytes + from + (i >> 8));
	memset(in, 0xee, sizeof(in));
	ant_invoke(&m);
	CHECK_IS(message_received(&m), bytes);
	CHECK(!message_truncated(&m));
	CHECK_IS(message_received(&seen[0].last), bytes);
	CHECK(memcmp(out + from, in + to, bytes) == 0);
	CHECK(to == 0 || in[to - 1] == 0xee);
	CHECK_IS(in[to + bytes], 0xee);
}

void
test_string_sizes(void)
{
	static const unsigned sizes[] = {
	    0, 1, 7, 8, 63, 4095, 4096, 4097, 8191, 12289, 65535, STRING_MAX};
	static const unsigned offsets[] = {0, 1, 8, 4095};

	echo();
	for (unsigned i = 0; i < 12; i++)
		for (unsigned a = 0; a < 4; a++)
			for (unsigned b = 0; b < 4; b++)
				round_trip(offsets[a], offsets[b], sizes[i]);
}

void
test_string_too_long(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = STRING_MAX + 1,
	};

	echo();
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_STRING);
	CHECK_IS(seen[0].count, 0);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = UINT32_MAX,
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_STRING);
}

void
test_string_truncated(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = 5000,
	    .receive = in + 10,
	    .receive_limit = 4500,
	};

	echo();
	memset(out, 7, 5000);
	memset(in, 1, sizeof(in));
	ant_invoke(&m);
	CHECK_IS(message_received(&m), 4500);
	CHECK(message_truncated(&m));
	CHECK_IS(in[10 + 4499], 7);
	CHECK_IS(in[10 + 4500], 1);
	CHECK(!message_truncated(&seen[0].last));
	/* Who takes none gets none, and is told. */
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = 1,
	};
	ant_invoke(&m);
	CHECK_IS(message_received(&m), 0);
	CHECK(message_truncated(&m));
	CHECK_IS(message_received(&seen[0].last), 1);
}

/* S12: one piece of memory on both sides is moved as memmove would. */
void
test_string_overlap_S12(void)
{
	static const unsigned shifts[] = {0, 1, 100, 4095, 4096, 5000};
	const unsigned        bytes = 20000;

	/* The server receives into echo_buffer; send from around it. */
	echo();
	for (unsigned k = 0; k < 6; k++) {
		struct message m = {
		    .control = control_make(INVOKE_SEND, B),
		    .send = echo_buffer + shifts[k],
		    .send_bytes = bytes,
		};
		uint8_t want[64];

		for (unsigned i = 0; i < sizeof(echo_buffer); i++)
			echo_buffer[i] = (uint8_t)(i % 251);
		for (unsigned i = 0; i < 64; i++)
			want[i] = echo_buffer[shifts[k] + i * 300];
		ant_invoke(&m);
		CHECK_IS(message_received(&seen[0].last), bytes);
		for (unsigned i = 0; i < 64; i++)
			CHECK_IS(echo_buffer[i * 300], want[i]);
	}
}

/* Receives behind where the sender's string begins. */
static void
late_receiver(uint64_t at)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0),
	    .receive = (void *)(uintptr_t)at,
	    .receive_limit = STRING_MAX,
	};

	ant_invoke(&m);
	board[0] = message_received(&m);
}

void
test_string_overlap_behind_S12(void)
{
	static const unsigned shifts[] = {1, 100, 4095, 4096, 5000};

	for (unsigned k = 0; k < 5; k++) {
		struct message m = {
		    .control = control_make(INVOKE_SEND, B),
		    .send = echo_buffer + 33,
		    .send_bytes = 20000,
		};

		if (k == 0)
			peer_spawn(A, late_receiver,
			    (uintptr_t)echo_buffer + 33 + shifts[k],
			    PRIORITY_HIGH);
		else
			peer_rerun(A, late_receiver,
			    (uintptr_t)echo_buffer + 33 + shifts[k]);
		start_of(A, 0, B);
		for (unsigned i = 0; i < 40000; i++)
			echo_buffer[i] = (uint8_t)(i % 251);
		ant_invoke(&m);
		CHECK_IS(m.word[0], RC_OK);
		CHECK_IS(board[0], 20000);
		for (unsigned i = 0; i < 20000; i++)
			if (echo_buffer[33 + shifts[k] + i] != (33 + i) % 251) {
				CHECK_IS(i, 20000);
				break;
			}
	}
}

/* A page of the receiver that is not there truncates; nobody is told. */
void
test_string_receiver_hole(void)
{
	struct message m;

	echo();
	new_page(C);
	map_window(0, C); /* One page; behind it nothing. */
	memset(out, 9, 8192);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = 6000,
	    .receive = (uint8_t *)window(0) + 1000,
	    .receive_limit = STRING_MAX,
	};
	ant_invoke(&m);
	CHECK_IS(message_received(&m), 3096);
	CHECK(message_truncated(&m));
	CHECK_IS(((uint8_t *)window(0))[4095], 9);
	/* Read-only is no place to receive either. */
	OK(page_restrict(C, CR_READ_ONLY, C));
	map_window(0, C);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B),
	    .send = out,
	    .send_bytes = 10,
	    .receive = window(0),
	    .receive_limit = STRING_MAX,
	};
	ant_invoke(&m);
	CHECK_IS(message_received(&m), 0);
	CHECK(message_truncated(&m));
}

/* Beyond user space: as if nothing were mapped there. */
void
test_string_receiver_kernel(void)
{
	static const uint64_t bad[] = {UINT64_C(0x7ffffffff000),
	    UINT64_C(0x800000000000), UINT64_C(0xffffffff80000000),
	    UINT64_MAX - 10, UINT64_MAX};

	echo();
	for (unsigned i = 0; i < 5; i++) {
		struct message m = {
		    .control = control_make(INVOKE_CALL, B),
		    .send = out,
		    .send_bytes = 8000,
		    .receive = (void *)(uintptr_t)bad[i],
		    .receive_limit = STRING_MAX,
		};

		ant_invoke(&m);
		CHECK_IS(message_received(&m), 0);
		CHECK(message_truncated(&m));
	}
}

static void
send_from(uint64_t at)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, A),
	    .word = {11},
	    .send = (void *)(uintptr_t)at,
	    .send_bytes = 6000,
	};

	ant_invoke(&m);
	board[0] = m.word[0];
}

/* The sender's own missing page goes to its keeper, and the call goes on. */
void
test_string_sender_hole(void)
{
	struct message m;

	peer_new(C, send_from, (uintptr_t)window(0) + 1000, PRIORITY_HIGH);
	self_start(0x50, D);
	peer_give(C, SLOT_KEEPER, D);
	self_start(0x51, D);
	peer_give(C, A, D);
	new_page(B);
	map_window(0, B);
	peer_start(C);
	m = (struct message){
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H),
	    .receive = in,
	    .receive_limit = STRING_MAX,
	};
	ant_invoke(&m);
	CHECK_IS(message_data(&m), 0x50);
	CHECK_IS(m.word[1], FAULT_UNMAPPED);
	CHECK_IS(m.word[2] & ~UINT64_C(4095), (uintptr_t)window(0) + 4096);
	CHECK_IS(m.word[3], ACCESS_READ);
	CHECK_IS(peer_state(C), PS_WAITING);
	new_page(G);
	map_pages(0, B, G);
	OK(page_write(B, 1000, "first", 5));
	m = (struct message){
	    .control = control_make(INVOKE_RETURN, H) | CONTROL_RECEIVE(3, H),
	    .receive = in,
	    .receive_limit = STRING_MAX,
	};
	ant_invoke(&m);
	CHECK_IS(message_data(&m), 0x51);
	CHECK_IS(m.word[0], 11);
	CHECK_IS(message_received(&m), 6000);
	CHECK(memcmp(in, "first", 5) == 0);
	OK(reply1(H, 5));
	CHECK_IS(board[0], 5);
}

/* Without a keeper it stays faulted, and the server never hears of it. */
void
test_string_sender_no_keeper(void)
{
	echo();
	peer_new(C, send_from, UINT64_C(0x7ffffffff000), PRIORITY_HIGH);
	peer_give(C, A, B);
	peer_start(C);
	CHECK_IS(peer_state(C), PS_WAITING);
	CHECK_IS(peer_fault(C), FAULT_UNMAPPED);
	peer_rerun(C, send_from, UINT64_MAX - 100);
	CHECK_IS(peer_fault(C), FAULT_UNMAPPED);
	CHECK_IS(seen[0].count, 0);
	CHECK_IS(call1(B, 3), 3); /* It is still free. */
}
