/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated stubs and server sides, with a kernel that notes what it sees. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/names.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/idl/golden.stub.h"
#include "testsuite/unit/idl/served.serve.h"
#include "testsuite/unit/idl/served.stub.h"

static struct message sent, answer;

void
ant_invoke(struct message *m)
{
	sent = *m;
	if (answer.send_bytes > 0 && m->receive != NULL)
		memcpy(m->receive, answer.send, answer.send_bytes);
	m->control = answer.control;
	memcpy(m->word, answer.word, sizeof(m->word));
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

/* idl.stub.words: order, words and outputs; outputs only on success. */
static void
words_both_ways(void)
{
	uint64_t w = 1, x = 2, z = 4;

	answer = (struct message){.word = {RC_BUSY, 21, 22, 23, 24}};
	CU_ASSERT_EQUAL(
	    golden_words(5, 11, 12, 13, 14, &w, &x, NULL, &z), RC_BUSY);
	CU_ASSERT(w == 1 && x == 2 && z == 4);
	CU_ASSERT_EQUAL(sent.control, control_make(INVOKE_CALL, 5));
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(sent.word[i], i == 0 ? GOLDEN_WORDS : i + 10);
	answer.word[0] = RC_OK;
	CU_ASSERT_EQUAL(
	    golden_words(5, 11, 12, 13, 14, &w, &x, NULL, &z), RC_OK);
	CU_ASSERT(w == 21 && x == 22 && z == 24);
}

/* idl.stub.status: upper bits of word 0 do not make a success. */
static void
upper_bits_are_no_success(void)
{
	answer = (struct message){.word = {UINT64_C(1) << 32}};
	CU_ASSERT_NOT_EQUAL(golden_plain(1), RC_OK);
	answer.word[0] = UINT64_MAX;
	CU_ASSERT_NOT_EQUAL(golden_plain(1), RC_OK);
}

/* idl.stub.caps: registers stand in the control word. */
static void
capabilities_in_control(void)
{
	answer = (struct message){0};
	CU_ASSERT_EQUAL(golden_caps(9, 1, 2, 3, 12, 13), RC_OK);
	CU_ASSERT_EQUAL(sent.control,
	    control_make(INVOKE_CALL, 9) | CONTROL_SEND(0, 1) |
		CONTROL_SEND(1, 2) | CONTROL_SEND(2, 3) |
		CONTROL_RECEIVE(0, 12) | CONTROL_RECEIVE(1, 13));
}

/* idl.stub.strings: both strings, and the length that came. */
static void
strings_both_ways(void)
{
	char     buffer[32] = "";
	size_t   length = 0;
	uint64_t next = 0;

	answer = (struct message){
	    .control = (uint64_t)6 << RESULT_LENGTH_SHIFT,
	    .word = {RC_OK, 99},
	    .send = "world",
	    .send_bytes = 6,
	};
	CU_ASSERT_EQUAL(golden_strings(3, 8, "hello", 5, buffer, sizeof(buffer),
			    &length, &next),
	    RC_OK);
	CU_ASSERT_EQUAL(sent.send_bytes, 5);
	CU_ASSERT_EQUAL(sent.receive_limit, sizeof(buffer));
	CU_ASSERT_STRING_EQUAL(buffer, "world");
	CU_ASSERT(length == 6 && next == 99);
}

static const char *done;

enum status
served_do_look(struct request *rq, uint64_t index, uint64_t *count)
{
	done = "look";
	CU_ASSERT_EQUAL(rq->out_limit, 16);
	*count = index + 1;
	return RC_OK;
}

enum status
served_do_give(struct request *rq)
{
	(void)rq;
	done = "give";
	return RC_OK;
}

/* idl.serve.1: the server's side checks what a dispatch in the kernel does. */
static void
server_checks(void)
{
	static char    buffer[64];
	struct request rq = {
	    .word = {SERVED_LOOK, 4},
	    .reply_buffer = buffer,
	    .reply_buffer_bytes = sizeof(buffer),
	};

	CU_ASSERT_EQUAL(served_serve(&rq), RC_OK);
	CU_ASSERT_STRING_EQUAL(done, "look");
	CU_ASSERT_EQUAL(rq.out[1], 5);
	rq.string_bytes = 1;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_STRING);
	rq.word[0] = SERVED_GIVE;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_CAPABILITY);
	rq.caps = 2;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_CAPABILITY);
	rq.caps = 1;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_OK);
	rq.truncated = true;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_STRING);
	rq.word[0] = 3;
	CU_ASSERT_EQUAL(served_serve(&rq), RC_ORDER);
}

/* idl.names.1: kinds, orders and codes have names; others do not. */
static void
names_are_known(void)
{
	CU_ASSERT_STRING_EQUAL(kind_name(CK_PAGE), "page");
	CU_ASSERT_STRING_EQUAL(kind_name(CK_COUNT), "unknown");
	CU_ASSERT_STRING_EQUAL(order_name(CK_NODE, 1), "get");
	CU_ASSERT_STRING_EQUAL(order_name(CK_NODE, 0), "unknown");
	CU_ASSERT_STRING_EQUAL(order_name(CK_NODE, UINT64_MAX), "unknown");
	CU_ASSERT_STRING_EQUAL(order_name(CK_VOID, 1), "unknown");
	CU_ASSERT_STRING_EQUAL(status_name(RC_BUSY), "RC_BUSY");
	CU_ASSERT_STRING_EQUAL(status_name(RC_KERNEL_COUNT), "RC_UNKNOWN");
}

static const struct runner_test tests[] = {
    RUNNER_TEST(words_both_ways),
    RUNNER_TEST(upper_bits_are_no_success),
    RUNNER_TEST(capabilities_in_control),
    RUNNER_TEST(strings_both_ways),
    RUNNER_TEST(server_checks),
    RUNNER_TEST(names_are_known),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "stub", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
