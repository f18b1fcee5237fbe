/* SPDX-License-Identifier: BSD-2-Clause */
/* Page: 4 KiB of data. */
#include <string.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/page.stub.h"
#include "testsuite/guest/tests.h"

static uint8_t in[PAGE_SIZE], out[PAGE_SIZE];

void
test_page_read_write(void)
{
	size_t n = 0;

	new_page(A);
	memset(out, 1, sizeof(out));
	OK(page_read(A, 0, PAGE_SIZE, out, sizeof(out), &n));
	CHECK_IS(n, PAGE_SIZE);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		in[i] = out[i];
	CHECK_IS(in[0] | in[4095], 0); /* A fresh page is zero. */
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		in[i] = (uint8_t)(i * 7 + 3);
	OK(page_write(A, 0, in, PAGE_SIZE));
	OK(page_read(A, 0, PAGE_SIZE, out, sizeof(out), &n));
	CHECK(memcmp(in, out, PAGE_SIZE) == 0);
	OK(page_write(A, 4095, "\x55", 1));
	OK(page_read(A, 4090, 6, out, sizeof(out), &n));
	CHECK_IS(n, 6);
	CHECK_IS(out[5], 0x55);
	CHECK_IS(out[4], in[4094]);
}

void
test_page_bounds(void)
{
	size_t n = 9;

	new_page(A);
	CHECK_IS(page_read(A, 4096, 1, out, 10, &n), RC_ARGUMENT);
	CHECK_IS(page_read(A, 0, 4097, out, 10, &n), RC_ARGUMENT);
	CHECK_IS(page_read(A, 1, UINT64_MAX, out, 10, &n), RC_ARGUMENT);
	CHECK_IS(page_read(A, UINT64_MAX, 1, out, 10, &n), RC_ARGUMENT);
	OK(page_read(A, 4096, 0, out, 10, &n));
	CHECK_IS(n, 0);
	CHECK_IS(page_write(A, 4095, "ab", 2), RC_ARGUMENT);
	CHECK_IS(page_write(A, 4096, "a", 1), RC_ARGUMENT);
	CHECK_IS(page_write(A, UINT64_MAX, "a", 1), RC_ARGUMENT);
	CHECK_IS(page_write(A, 0, "a", 0), RC_STRING);
	CHECK_IS(page_write(A, 0, echo_buffer, 4097), RC_STRING);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 6), RC_ORDER);
}

/* The answer of an order is truncated as any other message. */
void
test_page_read_truncated(void)
{
	struct message m;

	new_page(A);
	OK(page_write(A, 0, "abcdef", 6));
	memset(out, 'z', sizeof(out));
	m = (struct message){
	    .control = control_make(INVOKE_CALL, A),
	    .word = {PAGE_READ, 0, 6},
	    .receive = out,
	    .receive_limit = 4,
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_OK);
	CHECK_IS(message_received(&m), 4);
	CHECK(message_truncated(&m));
	CHECK(memcmp(out, "abcdz", 5) == 0);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, A),
	    .word = {PAGE_READ, 0, 9999},
	    .receive = out,
	    .receive_limit = 4,
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_ARGUMENT);
	CHECK(!message_truncated(&m));
	CHECK_IS(message_received(&m), 0);
}

void
test_page_zero_copy(void)
{
	new_page(A);
	new_page(B);
	memset(in, 0x77, sizeof(in));
	OK(page_write(A, 0, in, PAGE_SIZE));
	OK(page_copy(B, A));
	OK(page_read(B, 0, PAGE_SIZE, out, PAGE_SIZE, NULL));
	CHECK(memcmp(in, out, PAGE_SIZE) == 0);
	OK(page_zero(A));
	OK(page_read(A, 4000, 96, out, PAGE_SIZE, NULL));
	CHECK_IS(out[0] | out[95], 0);
	OK(page_read(B, 4000, 96, out, PAGE_SIZE, NULL));
	CHECK_IS(out[95], 0x77);
	OK(page_copy(B, B));
	CHECK_IS(page_copy(B, 0), RC_CAPABILITY);
	CHECK_IS(page_copy(B, R_EXTRA), RC_CAPABILITY);
}

void
test_page_rights(void)
{
	uint64_t rights = 0;

	new_page(A);
	OK(page_restrict(A, CR_READ_ONLY, B));
	CHECK_IS(page_write(B, 0, "x", 1), RC_RIGHTS);
	CHECK_IS(page_zero(B), RC_RIGHTS);
	CHECK_IS(page_copy(B, A), RC_RIGHTS);
	OK(page_copy(A, B));
	OK(page_read(B, 0, 1, out, 1, NULL));
	/* Rights are only ever taken away. */
	OK(page_restrict(B, CR_NO_EXECUTE, C));
	OK(discrim_classify(R_DISCRIM, C, NULL, &rights, NULL));
	CHECK_IS(rights, CR_READ_ONLY | CR_NO_EXECUTE);
	OK(page_restrict(C, 0, C));
	OK(discrim_classify(R_DISCRIM, C, NULL, &rights, NULL));
	CHECK_IS(rights, CR_READ_ONLY | CR_NO_EXECUTE);
	CHECK_IS(page_restrict(A, CR_ALL + 1, C), RC_ARGUMENT);
	CHECK_IS(page_restrict(A, UINT64_MAX, C), RC_ARGUMENT);
}

/* A weak page cannot be written. */
void
test_page_weak(void)
{
	new_page(A);
	OK(page_restrict(A, CR_WEAK, B));
	CHECK_IS(page_write(B, 0, "x", 1), RC_RIGHTS);
	CHECK_IS(page_zero(B), RC_RIGHTS);
	OK(page_read(B, 0, 1, out, 1, NULL));
}
