/* SPDX-License-Identifier: BSD-2-Clause */
	.section .text.start, "ax"
	.globl	_start
_start:
	call	kernel_main	/* rdi: the hand-off. */
	hlt
	.section .note.GNU-stack, "", @progbits
