/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the benchmarks time, without a C compiler's instructions in between.
 * See bench.h.
 */
	.set	REGISTER_SET, 192 /* Bytes of struct register_set. */

	.text

	.macro	read_tsc
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	.endm

	/* rdi: struct message. What it gives is in bench.h. */
	.macro	timed name, instruction:vararg
	.section .text.\name, "ax", @progbits
	.globl	\name
	.type	\name, @function
\name:
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rdi, %rbx
	mov	48(%rbx), %r9
	mov	56(%rbx), %r12
	mov	64(%rbx), %r13
	mov	8(%rbx), %rdi
	mov	16(%rbx), %rsi
	mov	32(%rbx), %r10
	mov	40(%rbx), %r8
	read_tsc
	mov	%rax, %r14
	mov	24(%rbx), %rdx
	mov	0(%rbx), %rax
	\instruction
	mov	%rax, %r11
	mov	%rdx, %rcx
	read_tsc
	mov	%r14, bench_start
	sub	%r14, %rax
	mov	%r11, 0(%rbx)
	mov	%rdi, 8(%rbx)
	mov	%rsi, 16(%rbx)
	mov	%rcx, 24(%rbx)
	mov	%r10, 32(%rbx)
	mov	%r8, 40(%rbx)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	ret
	.size	\name, . - \name
	.endm

	timed	ant_invoke_timed, syscall
	timed	bench_untimed

	/* rdi: the control word of the first wait, rsi: of all answers. */
	.section .text.ant_invoke_serve, "ax", @progbits
	.globl	ant_invoke_serve
	.type	ant_invoke_serve, @function
ant_invoke_serve:
	mov	bench_serve_buffer, %r13
	mov	bench_serve_limit, %r12
	mov	%rsi, %rbx
	mov	%rdi, %rax
	syscall
1:	mov	%rbx, %rax
	syscall
	jmp	1b
	.size	ant_invoke_serve, . - ant_invoke_serve

	/*
	 * A keeper that puts a page into the slot of a fault. rdi: the control
	 * word of the first wait, rsi: of the order to the node, edx: that
	 * order, rcx: of the answer and next wait.
	 */
	.section .text.ant_invoke_keep, "ax", @progbits
	.globl	ant_invoke_keep
	.type	ant_invoke_keep, @function
ant_invoke_keep:
	mov	%rsi, %r14
	mov	%edx, %ebp
	mov	%rcx, %rbx
	xor	%r12d, %r12d
	mov	%rdi, %rax
	syscall
1:	mov	%rdx, %rsi
	shr	$12, %rsi
	mov	%ebp, %edi
	mov	%r14, %rax
	syscall
	xor	%edi, %edi
	mov	%rbx, %rax
	syscall
	jmp	1b
	.size	ant_invoke_keep, . - ant_invoke_keep

	/* rdi: the control word of a wait. The time after each one is kept. */
	.section .text.ant_invoke_wait, "ax", @progbits
	.globl	ant_invoke_wait
	.type	ant_invoke_wait, @function
ant_invoke_wait:
	mov	%rdi, %rbx
	xor	%r12d, %r12d
1:	mov	%rbx, %rax
	syscall
	read_tsc
	mov	%rax, bench_arrived
	mov	bench_spun, %rax
	mov	%rax, bench_caught
	jmp	1b
	.size	ant_invoke_wait, . - ant_invoke_wait

	/*
	 * A keeper of a foreign process, which answers each call with 7 and all
	 * else as it was told. rdi: the control word of the first wait, rsi: of
	 * an answer and the next wait, edx: the order that answers; rcx: where
	 * the registers are told, r8d: where rax is among them.
	 */
	.section .text.ant_invoke_program_keeper, "ax", @progbits
	.globl	ant_invoke_program_keeper
	.type	ant_invoke_program_keeper, @function
ant_invoke_program_keeper:
	mov	%rsi, %rbx
	mov	%edx, %ebp
	mov	%rcx, %r13
	lea	(%rcx, %r8), %r14
	mov	$REGISTER_SET, %r12d
	shl	$32, %r12
	mov	%rdi, %rax
	syscall
	or	$REGISTER_SET, %r12
	mov	%r13, %r9
1:	movq	$7, (%r14)
	mov	%ebp, %edi
	mov	%rbx, %rax
	syscall
	jmp	1b
	.size	ant_invoke_program_keeper, . - ant_invoke_program_keeper

	/* A foreign program: one call, and how long it took. */
	.section .text.ant_invoke_program, "ax", @progbits
	.globl	ant_invoke_program
	.type	ant_invoke_program, @function
ant_invoke_program:
	read_tsc
	mov	%rax, %r14
	mov	$1, %eax
	syscall
	mov	%rax, %r15
	read_tsc
	mov	%r14, bench_start
	mov	%rax, bench_arrived
	mov	%r15, bench_caught
	ud2
	.size	ant_invoke_program, . - ant_invoke_program

	/* rdi: an address; it is read. */
	.section .text.bench_touch, "ax", @progbits
	.globl	bench_touch
	.type	bench_touch, @function
bench_touch:
	read_tsc
	mov	%rax, %rsi
	mov	(%rdi), %al
	read_tsc
	sub	%rsi, %rax
	ret
	.size	bench_touch, . - bench_touch

	/* edi: a port, esi: a byte that makes its device interrupt at once. */
	.section .text.bench_out, "ax", @progbits
	.globl	bench_out
	.type	bench_out, @function
bench_out:
	read_tsc
	mov	%rax, bench_start
	mov	%edi, %edx
	mov	%esi, %eax
	outb	%al, %dx
	ret
	.size	bench_out, . - bench_out

	/* rdi: a register of a device, esi: what makes it interrupt at once. */
	.section .text.bench_store, "ax", @progbits
	.globl	bench_store
	.type	bench_store, @function
bench_store:
	read_tsc
	mov	%rax, bench_start
	mov	%esi, (%rdi)
	ret
	.size	bench_store, . - bench_store

	/* Less urgent than all others: says when it ran last. */
	.section .text.bench_spin, "ax", @progbits
	.globl	bench_spin
	.type	bench_spin, @function
bench_spin:
	rdtsc
	mov	%eax, bench_spun
	jmp	bench_spin
	.size	bench_spin, . - bench_spin

	/* A new process's first instruction. */
	.section .text.bench_born, "ax", @progbits
	.globl	bench_born
	.type	bench_born, @function
bench_born:
	read_tsc
	mov	%rax, bench_arrived
	ret
	.size	bench_born, . - bench_born

	/*
	 * rdi: the first address, rsi: the end, r14: the stride, rbx: the
	 * control word of a wait. Reads a byte at each stride, twice, and says
	 * how much longer the first time took.
	 */
	.macro	sweep
	mov	%rdi, %r8
	read_tsc
	mov	%rax, %r10
1:	mov	(%r8), %al
	add	%r14, %r8
	cmp	%rsi, %r8
	jb	1b
	read_tsc
	sub	%r10, %rax
	.endm

	.section .text.ant_invoke_sweep, "ax", @progbits
	.globl	ant_invoke_sweep
	.type	ant_invoke_sweep, @function
ant_invoke_sweep:
	sweep
	mov	%rax, %r15
	sweep
	sub	%rax, %r15
	mov	%r15, bench_arrived
2:	mov	%rbx, %rax
	syscall
	jmp	2b
	.size	ant_invoke_sweep, . - ant_invoke_sweep

	.section .text.bench_marker, "ax", @progbits
	.globl	bench_mark_start
bench_mark_start:
	xchg	%r11, %r11
	ret
	.globl	bench_mark_stop
bench_mark_stop:
	xchg	%r13, %r13
	ret

	.section .bss
	.balign	8
	.globl	bench_start, bench_arrived, bench_spun, bench_caught
	.globl	bench_serve_buffer, bench_serve_limit
bench_start:		.quad 0
bench_arrived:		.quad 0
bench_spun:		.quad 0
bench_caught:		.quad 0
bench_serve_buffer:	.quad 0
bench_serve_limit:	.quad 0

	.section .note.GNU-stack, "", @progbits
