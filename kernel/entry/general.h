/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The general path of an invocation, for when the fast one cannot serve it.
 */
#ifndef KERNEL_ENTRY_GENERAL_H
#define KERNEL_ENTRY_GENERAL_H

#include "kernel/abi/process.h"
#include "kernel/object/keeper.h"
#include "kernel/object/known.h"

/* The whole invocation of the loaded process, from its registers. */
_Noreturn void general_invoke(struct state_page *s);

/* The loaded process's space is to be loaded the long way; then it runs. */
_Noreturn void general_load(void);

/*
 * The same for a call with words alone: no string, no capability that is asked
 * for, and of those sent none, or the first (then cpu.inv_caps says so). slot:
 * the one invoked, of any kind but start and resume.
 */
_Noreturn void kernel_call(struct state_page *s, struct cap *slot);

/*
 * The loaded process has faulted; keep_answer: it returns to c, of restart kind.
 * What is not usual goes on in general_fault (kernel/entry/fault.c), and in
 * general_invoke.
 */
_Noreturn void keep_fault(struct fault *f);
_Noreturn void keep_answer(struct state_page *s, const struct cap *c);
_Noreturn void general_fault(struct fault *f);

/*
 * From kernel/entry/fast.c, the end of a call or return: the target, which is
 * changed already, runs with this activity (NULL: known_usual); the loaded process
 * waits, or (ends) is available.
 */
_Noreturn void fast_hand_over(struct state_page *s, struct known *to,
    struct activity *a, bool ends);

/* ST_WAIT, ST_AGAIN: the loaded process will execute the SYSCALL again. */
_Noreturn void general_repeat(enum status st);

/* The loaded process called; this is its answer, and it goes on. */
_Noreturn void general_answer(enum status st);

/*
 * Invoke what cpu.inv.self holds, a kernel-implemented capability. A call is
 * answered and does not return; otherwise what the method said. ST_WAIT,
 * ST_FAULT with *fault: as everywhere.
 */
enum status kernel_invoke(uint64_t control, struct map_fault *fault);

/* The same, with what cpu.via adds to the message. */
enum status kernel_invoke_forwarded(
    uint64_t control, struct map_fault *fault);

#endif
