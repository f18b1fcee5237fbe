/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL, and the ways out of the kernel.
 *
 * These paths are paid for at each invocation; every instruction counts.
 */
#include "kernel/arch/x86_64/layout.h"
	.text
/*
 * SYSCALL leaves the user's stack pointer in rsp, the return address in rcx,
 * the flags in r11; SFMASK cleared IF, TF, DF, AC and NT. Interrupts cannot
 * come; NMI, #MC and #DB have stacks of their own. cs and ss in the page are
 * the user selectors already: hal_force put them there, and no trap from user
 * mode can store others, for there are no others in the GDT.
 */
	.balign	16
	.globl	syscall_entry
syscall_entry:
	movq	%rsp, arch+ARCH_USER_RSP(%rip)
	movq	arch+ARCH_RSP0(%rip), %rsp
	movq	%rcx, R_RIP-R_BYTES(%rsp)
	movq	%r11, R_RFLAGS-R_BYTES(%rsp)
	movq	arch+ARCH_USER_RSP(%rip), %rcx
	movq	%rcx, R_RSP-R_BYTES(%rsp)
	movq	$TRAP_NR_SYSCALL, R_TRAP-R_BYTES(%rsp)
	movq	%rax, R_RAX-R_BYTES(%rsp)
	movq	%rbx, R_RBX-R_BYTES(%rsp)
	movq	%rdx, R_RDX-R_BYTES(%rsp)
	movq	%rsi, R_RSI-R_BYTES(%rsp)
	movq	%rdi, R_RDI-R_BYTES(%rsp)
	movq	%rbp, R_RBP-R_BYTES(%rsp)
	movq	%r8, R_R8-R_BYTES(%rsp)
	movq	%r9, R_R9-R_BYTES(%rsp)
	movq	%r10, R_R10-R_BYTES(%rsp)
	movq	%r12, R_R12-R_BYTES(%rsp)
	movq	%r13, R_R13-R_BYTES(%rsp)
	movq	%r14, R_R14-R_BYTES(%rsp)
	movq	%r15, R_R15-R_BYTES(%rsp)
	leaq	-REGS_TOP(%rsp), %rdi
	movq	$kernel_stack_top, %rsp
	call	entry_invoke
	ud2
/*
 * hal_resume_syscall(s): back by SYSRETQ, which would fault in ring 0, on the
 * user's stack, if rip were not canonical (SDM vol. 2B, SYSRET). rip is what
 * SYSCALL saved, at most 2^47 (the instruction may be the last below it), or
 * what hal_force made less than that: so one bit tells.
 */
	.balign	16
	.globl	hal_resume_syscall
hal_resume_syscall:
	movq	REGS+R_RIP(%rdi), %rcx
	btq	$USER_TOP_BIT, %rcx
	jc	resume_bad
	movq	REGS+R_RFLAGS(%rdi), %r11
	movq	REGS+R_RAX(%rdi), %rax
	movq	REGS+R_RBX(%rdi), %rbx
	movq	REGS+R_RDX(%rdi), %rdx
	movq	REGS+R_RSI(%rdi), %rsi
	movq	REGS+R_RBP(%rdi), %rbp
	movq	REGS+R_R8(%rdi), %r8
	movq	REGS+R_R9(%rdi), %r9
	movq	REGS+R_R10(%rdi), %r10
	movq	REGS+R_R12(%rdi), %r12
	movq	REGS+R_R13(%rdi), %r13
	movq	REGS+R_R14(%rdi), %r14
	movq	REGS+R_R15(%rdi), %r15
	movq	REGS+R_RSP(%rdi), %rsp
	movq	REGS+R_RDI(%rdi), %rdi
	sysretq

/*
 * arch_resume_message(from, to): the same, but words 0 to 4 are those of `from`,
 * who has sent them.
 */
	.balign	16
	.globl	arch_resume_message
arch_resume_message:
	movq	REGS+R_RIP(%rsi), %rcx
	btq	$USER_TOP_BIT, %rcx
	jc	message_bad
	movq	REGS+R_RFLAGS(%rsi), %r11
	movq	REGS+R_RAX(%rsi), %rax
	movq	REGS+R_RBX(%rsi), %rbx
	movq	REGS+R_RBP(%rsi), %rbp
	movq	REGS+R_R9(%rsi), %r9
	movq	REGS+R_R12(%rsi), %r12
	movq	REGS+R_R13(%rsi), %r13
	movq	REGS+R_R14(%rsi), %r14
	movq	REGS+R_R15(%rsi), %r15
	movq	REGS+R_RSP(%rsi), %rsp
	movq	REGS+R_RSI(%rdi), %rsi
	movq	REGS+R_RDX(%rdi), %rdx
	movq	REGS+R_R10(%rdi), %r10
	movq	REGS+R_R8(%rdi), %r8
	movq	REGS+R_RDI(%rdi), %rdi
	sysretq

/*
 * hal_resume(s): back by IRETQ with every register. IRETQ too would fault in
 * ring 0 on a rip that is not canonical; a jump may have left any there, so
 * all its upper bits are tested. The selectors and flags were forced at load
 * or come from the CPU.
 */
	.balign	16
	.globl	hal_resume
hal_resume:
	movq	REGS+R_RIP(%rdi), %rax
	shrq	$USER_TOP_BIT, %rax
	jnz	resume_bad
	leaq	REGS(%rdi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq
/* The process ran off the end of its space: as if it had faulted there. */
resume_bad:
	movq	$kernel_stack_top, %rsp
	call	arch_bad_rip
	ud2
message_bad:
	movq	$kernel_stack_top, %rsp
	call	arch_bad_rip_message
	ud2
/*
 * hal_idle(): STI keeps interrupts off until HLT has begun, so none is lost
 * in between. Only an NMI returns here.
 */
	.globl	hal_idle
hal_idle:
	movq	$idle_stack_top, %rsp
1:	sti
	hlt
	cli
	jmp	1b
	.section .note.GNU-stack, "", @progbits
