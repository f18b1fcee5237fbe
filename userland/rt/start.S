/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's first instructions, and the block at its FS base.
 *
 * Who builds a domain sets the stack pointer to the top of the stack and FS
 * to the start of the ELF's writable segment, where the linker script puts
 * this block; the CPU may lack the instruction that would set it here. The C
 * library reads: 0x00 self, 0x28 stack canary, 0x34 errno, 0xa8 locale.
 */
	.section .data.fs_block, "aw", @progbits
	.globl	__ant_fs_block
	.balign	64
__ant_fs_block:
	.quad	__ant_fs_block		/* 0x00: self */
	.zero	0x28 - 0x08
	.quad	0			/* 0x28: canary */
	.zero	0xa8 - 0x30		/* 0x34: errno */
	.quad	__c_locale		/* 0xa8: locale */
	.zero	0x100 - 0xb0

	.data
	.globl	ant_argument		/* See userland/rt/exit.h. */
	.balign	8
ant_argument:
	.quad	0

	.section .text.start, "ax", @progbits
	.globl	_start
	.type	_start, @function
_start:
	xor	%ebp, %ebp
	rdtsc				/* A new canary in each domain. */
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, __ant_fs_block + 0x28
	mov	%rdi, ant_argument
	call	main
	call	ant_exit
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
