/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts.
 *
 * From user mode the CPU pushes its frame below RSP0, which is
 * STATE_STACK_TOP of the loaded process's state page; the stubs go on pushing
 * struct registers there, and then change to the one kernel stack. So there
 * is no second copy of the registers (F4). Interrupts are off in the kernel
 * (D3): one from ring 0 can only have come while hal_idle waited.
 *
 * The gates are interrupt gates: IF and TF are clear. AC and DF are as the
 * user left them; each path clears both (AC would suspend SMAP).
 *
 * A device can send any vector from 16 up (an MSI is only a write), also
 * those of exceptions. Where the CPU would push an error code the stub looks
 * whether it did: the CPU aligns the stack to 16 and pushes five words
 * (SDM vol. 3, 6.14.2), so bit 3 of rsp is set exactly when it did not. The C
 * code then asks the local APIC whether it was an interrupt.
 */
#include "kernel/arch/x86_64/layout.h"

	.macro	save_after_rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	clear_flags
	pushq	$2
	popfq
	.endm

	.text

/* --- Exceptions ---------------------------------------------------------- */

	.macro	exception vector
trap_\vector:
	pushq	$0
	pushq	$\vector
	jmp	exception_common
	.endm

	.macro	exception_code vector
trap_\vector:
	pushq	$\vector
	jmp	exception_common
	.endm

	.macro	exception_either vector
trap_\vector:
	testb	$8, %spl
	jz	1f
	pushq	$0
1:	pushq	$\vector
	jmp	exception_common
	.endm

	exception 0
	exception 3
	exception 4
	exception 5
	exception 6
	exception 7
	exception 9
	exception_code 10
	exception_code 11
	exception_code 12
	exception_code 13
	exception 15
	exception 16
	exception_either 17
	exception 19
	exception 20
	exception_either 21
	exception 22
	exception 23
	exception 24
	exception 25
	exception 26
	exception 27
	exception 28
	exception_either 29
	exception_either 30
	exception 31
	exception_code 14

exception_common:
	pushq	%rax
exception_saved:
	save_after_rax
	testb	$3, R_CS(%rsp)
	jz	exception_kernel
	leaq	-REGS(%rsp), %rdi
	movq	$kernel_stack_top, %rsp
	clear_flags
	call	arch_exception
	ud2

/* In the kernel: stay on this stack, so that the panic shows what ran. */
exception_kernel:
	movq	%rsp, %rdi
	clear_flags
	andq	$-16, %rsp
	call	arch_kernel_exception
	ud2

/* --- Interrupts: the stubs are 16 bytes apart ---------------------------- */

	.balign	16
	.globl	interrupt_stubs
interrupt_stubs:
	.set	vector, VECTOR_DEVICE
	.rept	256 - VECTOR_DEVICE
	.org	interrupt_stubs + 16 * (vector - VECTOR_DEVICE), 0x90
	pushq	$0
	pushq	$TRAP_NR_INTERRUPT
	pushq	%rax
	movb	$vector, %al
	jmp	interrupt_common
	.set	vector, vector + 1
	.endr

	.balign	16
interrupt_common:
	save_after_rax
	movzbl	%al, %esi
	leaq	-REGS(%rsp), %rdi
	testb	$3, R_CS(%rsp)
	jz	2f
1:	movq	$kernel_stack_top, %rsp
	clear_flags
	call	arch_interrupt
	ud2
2:	xorl	%edi, %edi
	jmp	1b

/* --- Those with a stack of their own ------------------------------------- */

	.macro	save_scratch
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	.endm

	.macro	restore_scratch
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	.endm

/*
 * NMI: counted and nothing else, for it may have come between any two
 * instructions, and a device can forge one.
 */
trap_2:
	save_scratch
	cld
	call	arch_nmi
	restore_scratch
	iretq

/* Machine check: does not return if it is one. */
trap_18:
	save_scratch
	cld
	call	arch_machine_check
	restore_scratch
	iretq

/* Double fault: the state of the machine is unknown. */
trap_8:
	pushq	$8
	pushq	%rax
	save_after_rax
	movq	%rsp, %rdi
	clear_flags
	call	arch_kernel_exception
	ud2

/*
 * Debug exception. From user mode: carry the CPU's frame over to the state
 * page and go on as any other. From the kernel it is no reason to stop: MOV SS
 * can delay one into the kernel (SDM vol. 3, 6.8.3); there it is counted.
 */
trap_1:
	testb	$3, 8(%rsp)
	jz	1f
	pushq	%rax
	movq	arch+ARCH_RSP0(%rip), %rax
	popq	R_RAX-R_BYTES(%rax)
	popq	R_RIP-R_BYTES(%rax)
	popq	R_CS-R_BYTES(%rax)
	popq	R_RFLAGS-R_BYTES(%rax)
	popq	R_RSP-R_BYTES(%rax)
	popq	R_SS-R_BYTES(%rax)
	movq	$1, R_TRAP-R_BYTES(%rax)
	movq	$0, R_ERROR-R_BYTES(%rax)
	leaq	R_RAX-R_BYTES(%rax), %rsp
	jmp	exception_saved
1:	andq	$~0x100, 16(%rsp)
	incq	arch+ARCH_KERNEL_DEBUG(%rip)
	iretq

/* --- Table for the IDT --------------------------------------------------- */

	.section .rodata
	.balign	8
	.globl	exception_stubs
exception_stubs:
	.quad	trap_0, trap_1, trap_2, trap_3, trap_4, trap_5, trap_6, trap_7
	.quad	trap_8, trap_9, trap_10, trap_11, trap_12, trap_13, trap_14
	.quad	trap_15, trap_16, trap_17, trap_18, trap_19, trap_20, trap_21
	.quad	trap_22, trap_23, trap_24, trap_25, trap_26, trap_27, trap_28
	.quad	trap_29, trap_30, trap_31

	.section .note.GNU-stack, "", @progbits
