/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the loader enters, and the stacks.
 *
 * The loader's contract is in boot/handoff/handoff.h: 64-bit mode, interrupts
 * off, rdi = physical address of struct handoff, first 4 GiB mapped one to one.
 */
#include "kernel/arch/x86_64/layout.h"

	.section .text.start, "ax", @progbits
	.globl	arch_entry
arch_entry:
	cld
	movq	$kernel_stack_top, %rsp
	xorl	%ebp, %ebp
	call	arch_start
	ud2

/*
 * Each stack has an unmapped page below it: running over is a page fault, or
 * a double fault on a stack of its own, and never silent.
 */
	.section .stacks, "aw", @nobits
	.balign	4096
	.macro	stack name, bytes
	.globl	\name\()_guard, \name\()_top
\name\()_guard:
	.skip	GUARD_BYTES
	.skip	\bytes
\name\()_top:
	.endm

	stack	kernel_stack, STACK_BYTES
	stack	nmi_stack, IST_STACK_BYTES
	stack	double_stack, IST_STACK_BYTES
	stack	check_stack, IST_STACK_BYTES
	stack	debug_stack, IST_STACK_BYTES
	stack	idle_stack, IST_STACK_BYTES

	.section .note.GNU-stack, "", @progbits
