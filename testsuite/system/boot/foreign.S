/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A master boot record of somebody else, for the tests: starts the partition
 * that byte `partition` names, whichever is active, and hands over what byte
 * `manner` says:
 *
 *	0	DS:SI = the entry, as is the custom
 *	1	DS:SI = an address that holds no entry
 *	2	DS:SI = the entry, with a DS of its own
 *	3	DS:SI = the entry of the next partition
 *	4	as 0, and address line A20 closed
 */
#include "boot/bios/bootrecord.h"

	.code16
	.text
	.globl	_start
_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ss
	movw	$0x7000, %sp
	movw	%ax, %ds
	movw	%ax, %es
	cld
	movw	$RECORD_ADDRESS, %si
	movw	$MBR_ADDRESS, %di
	movw	$256, %cx
	rep movsw
	ljmp	$0, $moved
moved:
	sti
	movzbw	partition, %bx
	shlw	$4, %bx
	addw	$MBR_ADDRESS + MBR_TABLE, %bx
	movl	ENTRY_FIRST(%bx), %eax
	movl	%eax, packet + 8
	movw	$packet, %si
	movb	$0x42, %ah
	int	$0x13
	jc	.
	movw	%bx, %si
	movb	manner, %al
	cmpb	$1, %al
	jne	1f
	movw	$nothing, %si
1:	cmpb	$2, %al
	jne	2f
	movw	$MBR_ADDRESS >> 4, %cx
	movw	%cx, %ds
	subw	$MBR_ADDRESS, %si
2:	cmpb	$3, %al
	jne	3f
	addw	$ENTRY_BYTES, %si
3:	cmpb	$4, %al
	jne	4f
	inb	$0x92, %al
	andb	$0xfd, %al
	outb	%al, $0x92
4:	ljmp	$0, $RECORD_ADDRESS

	.balign	4
packet:	.byte	16, 0
	.word	1, RECORD_ADDRESS, 0
	.long	0, 0
nothing:
	.fill	16, 1, 0x55
	.org	436
partition:
	.byte	0
manner:	.byte	0
	.org	440
