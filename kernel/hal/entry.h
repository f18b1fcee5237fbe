/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the architecture enters the kernel proper.
 *
 * Each is called on the CPU's one kernel stack, empty, with interrupts off and
 * the registers of the loaded process (if any) saved in its state page. None
 * returns: they leave through hal_resume, hal_resume_syscall or hal_idle.
 */
#ifndef KERNEL_HAL_ENTRY_H
#define KERNEL_HAL_ENTRY_H

#include "kernel/abi/process.h"
#include "kernel/core/core.h"

struct handoff;

/* First C function; hal_init has not run yet. */
_Noreturn void kernel_main(const struct handoff *h);

/* SYSCALL by the loaded process. */
_Noreturn void entry_invoke(struct state_page *s);

/* A memory fault of the loaded process; v any user address. */
_Noreturn void entry_page_fault(
    struct state_page *s, uint64_t v, enum fault_access access);

/* Any other exception of the loaded process. info: the CPU's error code. */
_Noreturn void entry_fault(
    struct state_page *s, enum fault_code code, uint64_t info);

/* Device vector 0-191; s is NULL if it came while idle. */
_Noreturn void entry_interrupt(struct state_page *s, unsigned vector);

/* The deadline of hal_clock_deadline has passed. */
_Noreturn void entry_clock(struct state_page *s);

/* An interrupt that needs no more (spurious): go on where it came from. */
_Noreturn void entry_continue(struct state_page *s);

#endif
