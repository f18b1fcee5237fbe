/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user program of the smoke kernel. What faults says in r14 what it
 * expects and in r15 where to go on; the kernel clears r14.
 */
#include "testsuite/guest/kernel_smoke/smoke.h"

	.macro	op number
	movl	$\number, %eax
	syscall
	.endm

	.macro	pass
	movl	$__LINE__, %edi
	op	OP_PASS
	.endm

	.macro	expect what, line
	movq	$\what, %r14
	leaq	9f(%rip), %r15
	movl	$\line, %r13d
	.endm

	.macro	expected
9:	movl	%r13d, %edi
	testq	%r14, %r14
	jnz	fail
	op	OP_PASS
	.endm

	.macro	check line
	movl	$\line, %edi
	jne	fail
	op	OP_PASS
	.endm

	.macro	pattern n, reg
	movabsq	$PATTERN(\n), %\reg
	.endm

	.section .rodata
	.balign	4096
	.globl	user_first, user_end
user_first:
	/* Registers go in and come out. */
	movq	$SMOKE_DATA + 0x800, %rsp
	pattern	2, rbx
	pattern	4, rdx
	pattern	5, rsi
	pattern	6, rdi
	pattern	7, rbp
	pattern	8, r8
	pattern	9, r9
	pattern	10, r10
	pattern	12, r12
	pattern	13, r13
	pattern	14, r14
	pattern	15, r15
	std
	op	OP_REGISTERS
	cld
	movabsq	$PATTERN(15), %rcx
	cmpq	%rcx, %r15
	check	__LINE__
	pattern	2, rcx
	cmpq	%rcx, %rbx
	check	__LINE__
	cmpq	$SMOKE_DATA + 0x800, %rsp
	check	__LINE__

	/* Exceptions. */
	expect	F_DIVIDE, __LINE__
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	divl	%ecx
	expected
	expect	F_INSTRUCTION, __LINE__
	ud2
	expected
	expect	F_BREAKPOINT, __LINE__
	int3
	expected
	expect	F_PROTECTION, __LINE__
	cli
	expected
	expect	F_PROTECTION, __LINE__
	int	$0x80
	expected
	expect	F_PROTECTION, __LINE__
	int	$0x20
	expected
	expect	F_PROTECTION, __LINE__
	movabsq	$0x800000000000, %rcx
	movq	(%rcx), %rax
	expected
	expect	F_PROTECTION, __LINE__
	movabsq	$0x800000000000, %rcx
	jmp	*%rcx
	expected
	expect	F_PROTECTION, __LINE__
	movabsq	$SMOKE_LAST + 0xffe, %rcx
	movl	$OP_PASS, %eax
	movl	$__LINE__, %edi
	jmp	*%rcx
	expected
	expect	F_DEBUG, __LINE__
	pushfq
	orq	$0x100, (%rsp)
	popfq
	nop
	expected
	expect	F_FLOAT, __LINE__
	fninit
	movw	$0x37e, -8(%rsp) /* Invalid operation is not masked. */
	fldcw	-8(%rsp)
	fldz
	fldz
	fdivp
	fwait
	expected
	fninit

	/* Page faults. */
	expect	(F_PAGE | A_READ), __LINE__
	movq	0x1000, %rax
	expected
	expect	(F_PAGE | A_WRITE), __LINE__
	movq	%rax, user_first - user_first + SMOKE_CODE
	expected
	expect	(F_PAGE | A_EXECUTE), __LINE__
	movq	$SMOKE_DATA, %rcx
	jmp	*%rcx
	expected
	expect	F_PAGE, __LINE__
	movabsq	$0xffff800000100000, %rcx
	movq	(%rcx), %rax
	expected

	/* Ports. */
	expect	F_PROTECTION, __LINE__
	inb	$0x71, %al
	expected
	movl	$0x71, %edi
	movl	$1, %esi
	op	OP_IO
	inb	$0x71, %al
	pass
	expect	F_PROTECTION, __LINE__
	inb	$0x72, %al
	expected
	expect	F_PROTECTION, __LINE__
	inw	$0x71, %ax
	expected
	expect	F_PROTECTION, __LINE__
	movw	$0x7ffc, %dx
	inl	(%dx), %eax
	expected
	xorl	%esi, %esi
	op	OP_IO
	expect	F_PROTECTION, __LINE__
	inb	$0x71, %al
	expected

	/* The timer, from user mode and while idle; a line interrupt. */
	movq	$SMOKE_DATA, %rbx
	op	OP_TIMER
1:	cmpq	$0, (%rbx)
	je	1b
	pass
	op	OP_IDLE
	pass
	op	OP_PIT
1:	cmpq	$0, 8(%rbx)
	je	1b
	pass

	/* Vectors that a device might forge; an NMI. */
	.irp	vector, 0x4010, 0x4011, 0x4012, 0x4013, 0x4015, 0x401d, \
	    0x40ff, 0x40e7, 0x40ef, 0x40f5, 0x4400
	movl	$\vector, %edi
	op	OP_IPI
	nop
	pass
	.endr
	/* Interrupts still come. */
	movq	$0, (%rbx)
	op	OP_TIMER
1:	cmpq	$0, (%rbx)
	je	1b
	pass

	/* What only the CPU has survives another process. */
	op	OP_FEATURES
	movl	%edi, %r12d
	movl	$0x5555, %eax
	movd	%eax, %xmm3
	fldpi
	movl	$0x1b, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	testl	$2, %r12d
	jz	1f
	vbroadcastss %xmm3, %ymm4
1:	testl	$0x80, %r12d
	jz	1f
	movl	$SMOKE_DATA, %ecx
	wrfsbase %rcx
	wrgsbase %rcx
1:	op	OP_SWITCH
	movl	%ds, %ecx
	testl	%ecx, %ecx
	check	__LINE__
	movd	%xmm3, %ecx
	cmpl	$0x5555, %ecx
	check	__LINE__
	fldpi
	fcomip	%st(1), %st
	fstp	%st(0)
	check	__LINE__
	testl	$2, %r12d
	jz	1f
	vextractf128 $1, %ymm4, %xmm5
	vmovd	%xmm5, %ecx
	cmpl	$0x5555, %ecx
	check	__LINE__
1:	testl	$0x80, %r12d
	jz	1f
	movabsq	$0x123456789, %rcx
	movq	%rcx, 0x10(%rbx)
	cmpq	%fs:0x10, %rcx
	check	__LINE__
	movabsq	$0x123456789, %rcx
	cmpq	%gs:0x10, %rcx
	check	__LINE__
1:	op	OP_DONE

fail:	op	OP_FAIL
	jmp	fail
user_end:

	.section .note.GNU-stack, "", @progbits
