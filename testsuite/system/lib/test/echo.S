/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A boot sector for the tests of the QEMU driver: greets on both serial ports
 * and the debug console, then echoes each byte on the port it came from. The
 * byte '!' resets the machine.
 */
	.code16
	.set	COM1, 0x3f8
	.set	COM2, 0x2f8
	.set	LSR, 5			/* line status register */
	.set	LSR_READY, 0x01		/* a byte has been received */
	.set	LSR_EMPTY, 0x20		/* a byte may be sent */
	.set	DEBUGCON, 0xe9
	.set	RESET, 0xcf9		/* the chip set's reset control */

	.globl	_start
_start:
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	cld
	movw	$first, %si
	movw	$COM1, %dx
	call	print
	movw	$second, %si
	movw	$COM2, %dx
	call	print
	movw	$logged, %si
1:	lodsb
	outb	%al, $DEBUGCON
	testb	%al, %al
	jnz	1b

loop:	movw	$COM1, %dx
	call	serve
	movw	$COM2, %dx
	call	serve
	jmp	loop

/* Echoes a byte on the port at DX, if one has come. */
serve:	pushw	%dx
	addw	$LSR, %dx
	inb	%dx, %al
	popw	%dx
	testb	$LSR_READY, %al
	jz	1f
	inb	%dx, %al
	cmpb	$'!', %al
	je	reset
	call	put
1:	ret

reset:	movw	$RESET, %dx
	movb	$0x02, %al
	outb	%al, %dx
	movb	$0x06, %al
	outb	%al, %dx
1:	hlt
	jmp	1b

/* Sends AL on the port at DX. */
put:	pushw	%ax
	pushw	%dx
	addw	$LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_EMPTY, %al
	jz	1b
	popw	%dx
	popw	%ax
	outb	%al, %dx
	ret

print:	lodsb
	testb	%al, %al
	jz	1f
	call	put
	jmp	print
1:	ret

first:	.asciz	"echo ready on 1\r\n"
second:	.asciz	"echo ready on 2\r\n"
logged:	.asciz	"the debug console works\n"

	.org	510
	.byte	0x55, 0xaa
