/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loans: a keeper lends a page for one access (D4).
 *
 *     none --loan_add--> FF_LENT --loan_load, hal_resume--> stepping
 *      ^                   ^                                  |   |
 *      |                   +----- loan_leave(false) ----------+   |
 *      +--------------------------loan_leave(true) ---------------+
 *
 * While FF_LENT is set the state page's loan holds for the instruction at its
 * program counter. An interrupt, or a fault on another page, ends the step and
 * not the loan; so an instruction that needs two pages gets both. A SYSCALL is not
 * stepped: the kernel, which reads its string, ends the loan when it has it.
 */
#ifndef KERNEL_OBJECT_LOAN_H
#define KERNEL_OBJECT_LOAN_H

#include "kernel/object/process.h"

/* The page is lent to p, which has faulted on memory and is prepared. */
void loan_add(struct process *p, const struct cap *page);

/*
 * The loaded process has FF_LENT: map what it was lent and step. Leaves it
 * without a loan if that is for another instruction. ST_WAIT, RC_NO_MEMORY.
 */
must_check enum status loan_load(void);

/*
 * The loaded process was stepped and has entered the kernel; done: by the trap
 * of the step. True: it had asked for the trap itself.
 */
bool loan_leave(bool done);

/*
 * The loaded process invokes, and sends a string of which the page at v is not
 * there: the frame that it was lent for that. ST_FAULT: none; ST_WAIT.
 */
must_check enum status loan_string(
    const struct process *p, uint64_t v, struct frame **out);

/* What it was lent has served its purpose. */
void loan_end(const struct process *p);

/*
 * What stands at the loaded process's program counter, up to HAL_CODE_BYTES, as
 * much as is mapped there. ST_WAIT, or why it cannot be had.
 */
must_check enum status loan_code(uint8_t *code, unsigned *bytes);

#endif
