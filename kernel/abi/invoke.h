/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SYSCALL interface (D2).
 *
 * In:  rax control; rdi rsi rdx r10 r8 words 0-4 (word 0 the order or result
 *      code); r9 string address; r12 string length (low 32) and receive limit
 *      (high 32); r13 receive address. rbx rbp r14 r15 rsp are preserved,
 *      rcx and r11 are lost.
 * Out: rax result; words 0-4 in the same registers; r9, r12, r13 unchanged.
 *
 * control: kind 0-1 | capability register 2-6 | send 4 x 5 at 7 |
 *          receive 4 x 5 at 27. Bits 47-63 are zero.
 * result:  source 0-1 | truncated 2 | awaited 3 | received 4 bits at 4 (slot i
 *          held something other than void) | string length 17 bits at 8 |
 *          start data 16 bits at 32. Awaited: of FROM_CALL, the 4th capability is a
 *          resume or restart capability, so that an answer by it never waits.
 */
#ifndef KERNEL_ABI_INVOKE_H
#define KERNEL_ABI_INVOKE_H

#include "kernel/abi/types.h"

enum invoke_kind {
	INVOKE_CALL,   /* Wait for the reply; the 4th capability is made. */
	INVOKE_RETURN, /* Send and become available. */
	INVOKE_SEND,   /* Send and go on; the code is in word 0. */
};

enum invoke_source {
	FROM_REPLY,  /* A resume capability was invoked, or the kernel replied. */
	FROM_CALL,   /* A start capability was invoked. */
	FROM_NOTICE, /* word 1: the notice bits. No sender can set this. */
};

enum {
	CONTROL_KIND_BITS     = 2,
	CONTROL_REG_BITS      = 5,
	CONTROL_CAP_SHIFT     = 2,
	CONTROL_SEND_SHIFT    = 7,
	CONTROL_RECEIVE_SHIFT = 27,
	CONTROL_USED_BITS     = 47,

	RESULT_SOURCE_MASK    = 3,
	RESULT_TRUNCATED      = 1 << 2,
	RESULT_AWAITED        = 1 << 3,
	RESULT_RECEIVED_SHIFT = 4,
	RESULT_LENGTH_SHIFT   = 8,
	RESULT_LENGTH_MASK    = (1 << 17) - 1,
	RESULT_DATA_SHIFT     = 32,

	NOTICE_BIT_RESTARTED = 63, /* Set in each bound process at restart (S3). */
};

#define CONTROL_SEND(i, reg)                                                   \
	((uint64_t)(reg) << (CONTROL_SEND_SHIFT + 5 * (i)))
#define CONTROL_RECEIVE(i, reg)                                                \
	((uint64_t)(reg) << (CONTROL_RECEIVE_SHIFT + 5 * (i)))

static inline uint64_t
control_make(enum invoke_kind kind, unsigned cap)
{
	return (uint64_t)kind | (uint64_t)cap << CONTROL_CAP_SHIFT;
}

#endif
