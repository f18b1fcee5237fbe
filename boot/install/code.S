/* SPDX-License-Identifier: BSD-2-Clause */
/* The three parts of the bootstrap, for the installer to write. */
	.section .rodata
	.globl	install_mbr, install_pbr, install_image, install_image_end
install_mbr:
	.incbin "boot/mbr.bin"
install_pbr:
	.incbin "boot/pbr.bin"
install_image:
	.incbin "boot/image.bin"
install_image_end:
	.section .note.GNU-stack, "", @progbits
