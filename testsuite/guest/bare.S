/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocations with nothing around them: the caller sets and looks at every
 * register itself. The name tells the build that the instruction is wanted.
 */
	.section .text.ant_invoke_bare, "ax", @progbits
	.globl	ant_invoke_bare
	.type	ant_invoke_bare, @function
ant_invoke_bare:
	syscall
	ret
	.size	ant_invoke_bare, . - ant_invoke_bare

	.section .text.ant_invoke_int80, "ax", @progbits
	.globl	ant_invoke_int80
	.type	ant_invoke_int80, @function
ant_invoke_int80:
	int	$0x80
	ret
	.size	ant_invoke_int80, . - ant_invoke_int80

/*
 * ant_invoke_registers(r): with all registers but rsp from r[0..14] (rax, rbx,
 * rcx, rdx, rsi, rdi, rbp, r8 .. r15), and stored back there behind it.
 */
	.section .text.ant_invoke_registers, "ax", @progbits
	.globl	ant_invoke_registers
	.type	ant_invoke_registers, @function
ant_invoke_registers:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	movq	0(%rdi), %rax
	movq	8(%rdi), %rbx
	movq	16(%rdi), %rcx
	movq	24(%rdi), %rdx
	movq	32(%rdi), %rsi
	movq	48(%rdi), %rbp
	movq	56(%rdi), %r8
	movq	64(%rdi), %r9
	movq	72(%rdi), %r10
	movq	80(%rdi), %r11
	movq	88(%rdi), %r12
	movq	96(%rdi), %r13
	movq	104(%rdi), %r14
	movq	112(%rdi), %r15
	movq	40(%rdi), %rdi
	syscall
	xchgq	%rdi, (%rsp)
	movq	%rax, 0(%rdi)
	movq	%rbx, 8(%rdi)
	movq	%rcx, 16(%rdi)
	movq	%rdx, 24(%rdi)
	movq	%rsi, 32(%rdi)
	movq	%rbp, 48(%rdi)
	movq	%r8, 56(%rdi)
	movq	%r9, 64(%rdi)
	movq	%r10, 72(%rdi)
	movq	%r11, 80(%rdi)
	movq	%r12, 88(%rdi)
	movq	%r13, 96(%rdi)
	movq	%r14, 104(%rdi)
	movq	%r15, 112(%rdi)
	popq	%rax
	movq	%rax, 40(%rdi)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	ant_invoke_registers, . - ant_invoke_registers

	.section .note.GNU-stack, "", @progbits

/* A call of another system: rax and the words, whose answer is rax (D16). */
	.macro	foreign name, bytes:vararg
	.section .text.\name, "ax", @progbits
	.globl	\name
	.type	\name, @function
\name:
	movq	%rdi, %rax
	movq	%rsi, %rdi
	.byte	\bytes
	ret
	.size	\name, . - \name
	.endm

	foreign	ant_invoke_foreign_syscall, 0x0f, 0x05
	foreign	ant_invoke_foreign_sysenter, 0x0f, 0x34
	foreign	ant_invoke_foreign_int80, 0xcd, 0x80
	foreign	ant_invoke_foreign_int0, 0xcd, 0x00
	foreign	ant_invoke_foreign_prefixed, 0x66, 0x48, 0xcd, 0x21
