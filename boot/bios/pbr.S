/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The partition boot record: loads the extended bootstrap by the block list
 * that the installer wrote into it.
 *
 * Entered at 0000:7c00 with DL = the drive and DS:SI = the partition's entry.
 * Which partition it is, it learns from that entry and not from the active
 * flag, so several installations on one disk each load their own. A boot
 * manager that hands over no entry of our type, or that of another volume,
 * is answered with the place that the installer wrote down.
 */
#include "boot/bios/bootrecord.h"

	.equ	passed_lba, PASSED_ADDRESS + 8
	.equ	record, _start

	.code16
	.section .text
	.globl	_start
_start:
	cli
	xorl	%ebp, %ebp	/* The LBA that was handed over, or 0. */
	testb	$0x7f, (%si)
	jnz	unhanded
	cmpb	$ANTEROS_TYPE, ENTRY_TYPE(%si)
	jne	unhanded
	movl	ENTRY_FIRST(%si), %ebp
unhanded:
	xorw	%ax, %ax
	movw	%ax, %ss
	movw	$STACK_TOP, %sp
	movw	%ax, %ds
	movw	%ax, %es
	ljmp	$0, $canonical	/* Some BIOSes come as 07c0:0000. */
canonical:
	sti
	cld
	movb	%dl, drive
	rdtsc
	movl	%eax, PASSED_ADDRESS
	movl	%edx, PASSED_ADDRESS + 4

	movb	drive, %dl
	movw	$bad_bios, %di
	movb	$0x41, %ah	/* Check extensions present. */
	movw	$0x55aa, %bx
	int	$0x13
	jc	fail
	cmpw	$0xaa55, %bx
	jne	fail
	testb	$1, %cl
	jz	fail

	movl	%ebp, passed_lba
	movl	$0, passed_lba + 4
	testl	%ebp, %ebp
	jz	own
	call	load
	jnc	start
own:
	movl	record + RECORD_OWN_LBA, %eax
	movl	%eax, passed_lba
	movl	record + RECORD_OWN_LBA + 4, %eax
	movl	%eax, passed_lba + 4
	call	load
	jc	fail
start:
	movb	drive, %dl
	jmp	IMAGE_ADDRESS

	/*
	 * Loads all pieces of the partition at passed_lba. Carry set, and DI
	 * the reason: it failed, or what lies there is not of this volume.
	 */
load:
	movw	$record + RECORD_PIECES, %bp
	movw	record + RECORD_NPIECES, %cx
piece:
	pushw	%cx
	movw	PIECE_COUNT(%bp), %ax
	movw	%ax, packet_count
	movw	PIECE_SEGMENT(%bp), %ax
	movw	%ax, packet_segment
	movl	(%bp), %eax
	xorl	%ebx, %ebx
	addl	passed_lba, %eax
	adcl	passed_lba + 4, %ebx
	movl	%eax, packet_lba
	movl	%ebx, packet_lba + 4
	movw	$bad_sector, %di
	movw	$3, %cx
read:
	pushw	%cx
	movw	$packet, %si
	movb	drive, %dl
	movb	$0x42, %ah	/* Extended read. */
	int	$0x13
	popw	%cx
	jnc	loaded
	xorw	%ax, %ax	/* Reset the drive, then try again. */
	movb	drive, %dl
	int	$0x13
	movw	PIECE_COUNT(%bp), %ax	/* The BIOS wrote what it had read. */
	movw	%ax, packet_count
	loop	read
	popw	%cx
	stc
	ret
loaded:
	addw	$PIECE_BYTES, %bp
	popw	%cx
	loop	piece

	/* The magic and the UUID, against the image's own copy. */
	movw	$bad_signature, %di
	cmpl	$IMAGE_MAGIC, IMAGE_ADDRESS + IMAGE_MAGIC_AT
	jne	foreign
	pushw	%di
	movw	$IMAGE_ADDRESS + IMAGE_VOLUME_AT, %si
	movw	$record + RECORD_VOLUME, %di
	movw	$8, %cx
	repe cmpsw
	popw	%di
	jne	foreign
	clc
	ret
foreign:
	stc
	ret

#include "boot/bios/fail.S"

	.balign	4
packet:	.byte	16, 0
packet_count:
	.word	0
	.word	0
packet_segment:
	.word	0
packet_lba:
	.long	0, 0
drive:	.byte	0

prefix:	.asciz	"\r\nanteros boot record: "
bad_bios:
	.asciz	"no INT 13h extensions"
bad_sector:
	.asciz	"cannot read bootstrap"
bad_signature:
	.asciz	"bootstrap is of another volume"

	.org	RECORD_OFFSET		/* An error here: the code is too large. */
	.org	510
	.word	BOOT_SIGNATURE
