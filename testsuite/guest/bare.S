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

	.section .note.GNU-stack, "", @progbits
