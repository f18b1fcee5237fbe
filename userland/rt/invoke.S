/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only SYSCALL instructions of a domain (kernel/abi/invoke.h says what
 * the registers mean). rdi points to struct message (userland/rt/invoke.h);
 * it is kept in rbx, which the kernel preserves.
 */
	.text

	.macro load_words
	mov	%rdi, %rbx
	mov	0(%rbx), %rax
	mov	8(%rbx), %rdi
	mov	16(%rbx), %rsi
	mov	24(%rbx), %rdx
	mov	32(%rbx), %r10
	mov	40(%rbx), %r8
	.endm

	.macro store_words
	mov	%rax, 0(%rbx)
	mov	%rdi, 8(%rbx)
	mov	%rsi, 16(%rbx)
	mov	%rdx, 24(%rbx)
	mov	%r10, 32(%rbx)
	mov	%r8, 40(%rbx)
	.endm

	.section .text.ant_invoke, "ax", @progbits
	.globl	ant_invoke
	.type	ant_invoke, @function
ant_invoke:
	push	%rbx
	push	%r12
	push	%r13
	load_words
	mov	48(%rbx), %r9
	mov	56(%rbx), %r12		/* Length low, limit high. */
	mov	64(%rbx), %r13
	syscall
	store_words
	pop	%r13
	pop	%r12
	pop	%rbx
	ret
	.size	ant_invoke, . - ant_invoke

	.section .text.ant_invoke_words, "ax", @progbits
	.globl	ant_invoke_words
	.type	ant_invoke_words, @function
ant_invoke_words:
	push	%rbx
	push	%r12
	load_words
	xor	%r12d, %r12d
	syscall
	store_words
	pop	%r12
	pop	%rbx
	ret
	.size	ant_invoke_words, . - ant_invoke_words

	.section .note.GNU-stack, "", @progbits
