/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master boot record: finds the active partition of our type and starts
 * its boot record with DS:SI = its entry and DL = the drive.
 *
 * The BIOS loads it to 0000:7c00 with DL = the drive. It may use 440 bytes;
 * the disk's id and the partition table follow, and belong to the disk.
 */
#include "boot/bios/bootrecord.h"

	.equ	table, MBR_ADDRESS + MBR_TABLE

	.code16
	.section .text
	.globl	_start
_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ss
	movw	$STACK_TOP, %sp
	movw	%ax, %ds
	movw	%ax, %es
	sti
	cld
	movw	$RECORD_ADDRESS, %si
	movw	$MBR_ADDRESS, %di
	movw	$256, %cx
	rep movsw
	ljmp	$0, $moved

	/* Every status is 00 or 80, and one entry at most is active. */
moved:
	movw	$bad_table, %di
	movw	$table, %si
	xorw	%bp, %bp
	movw	$4, %cx
entry:
	movb	(%si), %al
	testb	$0x7f, %al
	jnz	fail
	testb	%al, %al
	jz	next
	testw	%bp, %bp
	jnz	fail
	movw	%si, %bp
next:
	addw	$ENTRY_BYTES, %si
	loop	entry

	/* The extent may be neither empty nor wrap. */
	movw	%bp, %si
	testw	%si, %si
	jz	none
	cmpb	$ANTEROS_TYPE, ENTRY_TYPE(%si)
	jne	none
	movl	ENTRY_FIRST(%si), %eax
	testl	%eax, %eax
	jz	fail
	movl	%eax, packet_lba
	movl	ENTRY_SECTORS(%si), %ecx
	jecxz	fail
	addl	%ecx, %eax
	jc	fail

	movw	$bad_bios, %di
	movb	$0x41, %ah	/* Check extensions present. */
	movw	$0x55aa, %bx
	pushw	%dx
	int	$0x13
	popw	%dx
	jc	fail
	cmpw	$0xaa55, %bx
	jne	fail
	testb	$1, %cl
	jz	fail

	movw	$bad_sector, %di
	movw	$3, %cx
read:
	pushw	%cx
	pushw	%dx
	movw	$packet, %si
	movb	$0x42, %ah	/* Extended read. */
	int	$0x13
	popw	%dx
	popw	%cx
	jnc	loaded
	xorw	%ax, %ax	/* Reset the drive, then try again. */
	pushw	%dx
	int	$0x13
	popw	%dx
	movb	$1, packet_count	/* The BIOS wrote what it had read. */
	loop	read
	jmp	fail

loaded:
	movw	$bad_signature, %di
	cmpw	$BOOT_SIGNATURE, RECORD_ADDRESS + 510
	jne	fail
	movw	%bp, %si
	jmp	RECORD_ADDRESS

none:
	movw	$no_active, %di
#include "boot/bios/fail.S"

	/* The disk address packet: one sector to 0000:7c00. */
	.balign	4
packet:	.byte	16, 0
packet_count:
	.word	1
	.word	RECORD_ADDRESS, 0
packet_lba:
	.long	0, 0

prefix:	.asciz	"\r\nanteros mbr: "
bad_table:
	.asciz	"bad partition table"
no_active:
	.asciz	"no active partition of type AE"
bad_bios:
	.asciz	"no INT 13h extensions in the BIOS"
bad_sector:
	.asciz	"cannot read the partition's boot record"
bad_signature:
	.asciz	"the partition has no boot record"

	.org	440		/* An error here: the code is too large. */
	.org	510
	.word	BOOT_SIGNATURE
