/* SPDX-License-Identifier: BSD-2-Clause */
/* The control word: what is malformed answers RC_CONTROL and does nothing. */
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

static uint64_t
with_control(uint64_t control)
{
	struct message m = {.control = control, .word = {1, 2, 3, 4, 5}};

	ant_invoke(&m);
	CHECK_IS(message_source(&m), FROM_REPLY);
	return m.word[0];
}

static void
echo(void)
{
	peer_spawn(A, echo_server, 0, PRIORITY_HIGH);
	start_of(A, 0, B);
}

void
test_control_high_bits(void)
{
	const uint64_t good = control_make(INVOKE_CALL, B);

	echo();
	for (unsigned i = CONTROL_USED_BITS; i < 64; i++)
		CHECK_IS(with_control(good | UINT64_C(1) << i), RC_CONTROL);
	CHECK_IS(seen[0].count, 0);
	CHECK_IS(with_control(good), 1);
}

void
test_control_kind(void)
{
	echo();
	CHECK_IS(
	    with_control(3 | (uint64_t)B << CONTROL_CAP_SHIFT), RC_CONTROL);
	CHECK_IS(with_control(UINT64_MAX), RC_CONTROL);
	CHECK_IS(seen[0].count, 0);
}

/* Registers 16 to 31 do not exist, in none of the nine places. */
void
test_control_high_registers(void)
{
	echo();
	for (unsigned r = CAP_REGISTERS; r < 32; r++) {
		CHECK_IS(
		    with_control(control_make(INVOKE_CALL, r)), RC_CONTROL);
		for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
			CHECK_IS(with_control(control_make(INVOKE_CALL, B) |
				     CONTROL_SEND(i, r)),
			    RC_CONTROL);
			CHECK_IS(with_control(control_make(INVOKE_CALL, B) |
				     CONTROL_RECEIVE(i, r)),
			    RC_CONTROL);
			CHECK_IS(with_control(control_make(INVOKE_SEND, B) |
				     CONTROL_RECEIVE(i, r)),
			    RC_CONTROL);
		}
	}
	CHECK_IS(seen[0].count, 0);
}

/* The null register: void to call, nothing to send, nowhere to receive. */
void
test_control_null_register(void)
{
	echo();
	CHECK_IS(with_control(control_make(INVOKE_CALL, 0)), RC_VOID);
	CHECK_IS(with_control(control_make(INVOKE_CALL, B)), 1);
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 8);
}

static void
bad_return(uint64_t control)
{
	struct message m = {.control = control};

	board[0] = 1;
	ant_invoke(&m);
	board[0] = 2;
	board[1] = m.word[0];
}

/* A return does not come back with an error: the process is available. */
void
test_control_bad_return(void)
{
	static const uint64_t bad[] = {
	    INVOKE_RETURN | 31u << CONTROL_CAP_SHIFT,
	    INVOKE_RETURN | 31u << CONTROL_SEND_SHIFT,
	    INVOKE_RETURN, /* To void. */
	};

	for (unsigned i = 0; i < 3; i++) {
		if (i == 0)
			peer_spawn(A, bad_return, bad[i], PRIORITY_HIGH);
		else
			peer_rerun(A, bad_return, bad[i]);
		CHECK_IS(board[0], 1);
		CHECK_IS(peer_state(A), PS_AVAILABLE);
		start_of(A, 0, B);
		CHECK_IS(send1(B, 70 + i), RC_OK);
		CHECK_IS(board[0], 2);
		CHECK_IS(board[1], 70 + i);
	}
}

/* The upper half of the control word of who waits is not believed either. */
void
test_control_hostile_receiver(void)
{
	struct register_set r;
	struct message      m = {
		 .control = control_make(INVOKE_SEND, B) | CONTROL_SEND(0, R_LOG),
		 .send = "text",
		 .send_bytes = 4,
        };

	peer_new(A, bad_return, 0, PRIORITY_LOW);
	OK(process_get_registers(A, &r, sizeof(r), NULL));
	r.regs.rax = UINT64_MAX;
	r.regs.r12 = UINT64_MAX;
	r.regs.r13 = UINT64_MAX - 1;
	OK(process_set_registers(A, &r, sizeof(r)));
	start_of(A, 0, B);
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_OK);
	CHECK_IS(peer_state(A), PS_RUNNING);
	for (unsigned i = 0; i < SLOT_STATE; i++) {
		if (i == SLOT_BRAND)
			continue;
		OK(process_get(A, i, C));
		CHECK(i == SLOT_SPACE || i == SLOT_SCHEDULE ||
		    kind_of(C) == CK_VOID);
	}
}
