/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot catalogue as it is built. */
	.section .rodata
	.balign	8
	.globl	test_catalogue
test_catalogue:
	.incbin	"devdb/catalogue.dtb"
	.globl	test_catalogue_end
test_catalogue_end:
	.byte	0
	.section .note.GNU-stack, "", @progbits
