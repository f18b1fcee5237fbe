# SPDX-License-Identifier: BSD-2-Clause
# Reads the drivers' names, in the catalogue's order; writes images.S
# for the catalogue of that name.
{
	print "\t.section .rodata"
	for (i = 1; i <= NF; i++) {
		printf "\t.balign 16\nimage_%d:\n", i
		printf "\t.incbin \"devdb/%s.image\"\nimage_%d_end:\n", $i, i
	}
	print "\t.balign 8\n\t.globl boot_catalogue\nboot_catalogue:"
	printf "\t.incbin \"devdb/%s.dtb\"\n", catalogue
	print "\t.globl boot_catalogue_end\nboot_catalogue_end:\n\t.byte 0"
	print "\t.balign 8\n\t.globl driver_images\ndriver_images:"
	for (i = 1; i <= NF; i++)
		printf "\t.quad image_%d, image_%d_end\n", i, i
	print "\t.globl driver_image_count\ndriver_image_count:"
	printf "\t.long %d\n", NF
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
