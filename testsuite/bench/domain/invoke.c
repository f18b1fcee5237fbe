/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocations: of the kernel, of another process; notices. */
#include "testsuite/bench/domain/bench.h"

#include <string.h>

#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/number.order.h"
#include "kernel/abi/process.stub.h"

static struct message message; /* What is invoked. */
static uint8_t        text[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t        room[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static uint64_t
invoke(void)
{
	struct message m = message, n = message;
	uint64_t       nothing = bench_untimed(&n);

	return ant_invoke_timed(&m) - nothing;
}

static void
kernel(void)
{
	extra(X_NUMBER, A);
	message = (struct message){.control = control_make(INVOKE_CALL, 0)};
	measure("invoke_void", invoke);
	message = (struct message){
	    .control = control_make(INVOKE_CALL, A), .word = {99}};
	measure("invoke_unknown_order", invoke);
	message = (struct message){
	    .control = control_make(INVOKE_CALL, A), .word = {NUMBER_GET}};
	measure("number_get", invoke);
}

/* A client's access is taken away; and what an access costs through it. */
static void
forwarders(void)
{
	new_node(B);
	OK(node_make_forwarder(B, B));
	message = (struct message){
	    .control = control_make(INVOKE_CALL, B), .word = {FORWARDER_REVOKE}};
	measure("forwarder_revoke", invoke);
	OK(forwarder_set_target(B, A, 0));
	OK(forwarder_opaque(B, 0, C));
	message = (struct message){
	    .control = control_make(INVOKE_CALL, C), .word = {NUMBER_GET}};
	measure("number_get_forwarded", invoke);
}

/* A server in B, its start capability in C. answer: control beside the kind. */
static void
serve(uint64_t receive, uint64_t answer)
{
	peer_apart(B, (void (*)(uint64_t))(uintptr_t)ant_invoke_serve, 0,
	    PRIORITY_HIGH);
	for (unsigned i = 1; i <= 4; i++)
		peer_give(B, i, R_LOG);
	{
		struct register_set r;

		OK(process_get_registers(B, &r, sizeof(r), NULL));
		r.regs.rdi = control_make(INVOKE_RETURN, 0) | receive |
		    CONTROL_RECEIVE(3, H);
		r.regs.rsi = control_make(INVOKE_RETURN, H) | receive |
		    CONTROL_RECEIVE(3, H) | answer;
		OK(process_set_registers(B, &r, sizeof(r)));
	}
	peer_start(B);
	start_of(B, 1, C);
}

static void
calls(void)
{
	bench_serve_limit = 0;
	serve(0, 0);
	message = (struct message){.control = control_make(INVOKE_CALL, C)};
	measure("call_return_0_words", invoke);
	for (unsigned i = 0; i < MESSAGE_WORDS; i++)
		message.word[i] = i + 1;
	measure("call_return_5_words", invoke);

	serve(CONTROL_RECEIVE(0, E) | CONTROL_RECEIVE(1, F) |
		CONTROL_RECEIVE(2, G),
	    CONTROL_SEND(0, 1) | CONTROL_SEND(1, 2) | CONTROL_SEND(2, 3) |
		CONTROL_SEND(3, 4));
	message = (struct message){
	    .control = control_make(INVOKE_CALL, C) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(1, R_LOG) | CONTROL_SEND(2, R_LOG) |
		CONTROL_RECEIVE(0, D) | CONTROL_RECEIVE(1, E) |
		CONTROL_RECEIVE(2, F) | CONTROL_RECEIVE(3, G),
	};
	measure("call_return_4_capabilities", invoke);

	bench_serve_buffer = (uintptr_t)room;
	bench_serve_limit = UINT64_C(4096) << 32;
	serve(0, 0);
	memset(text, 1, sizeof(text));
	message = (struct message){
	    .control = control_make(INVOKE_CALL, C),
	    .send = text,
	    .send_bytes = sizeof(text),
	};
	measure("call_return_4096_bytes", invoke);
	CHECK_IS(room[4095], 1);
}

static uint64_t
notify(void)
{
	struct message m = message;

	(void)ant_invoke_timed(&m);
	return bench_arrived - bench_start - BEFORE_SYSCALL;
}

/* To the first instruction of a more urgent process in another space. */
static void
notices(void)
{
	peer_apart(
	    B, ant_invoke_wait, control_make(INVOKE_RETURN, 0), PRIORITY_HIGH);
	peer_start(B);
	OK(process_make_notice(B, 1, C));
	message = (struct message){.control = control_make(INVOKE_SEND, C)};
	measure("notice_to_running", notify);
}

void
bench_invoke(void)
{
	kernel();
	forwarders();
	calls();
	notices();
}
