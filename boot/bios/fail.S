/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fail: prints `prefix` and the string at DI on the screen and on
 * COM1 (115200 8n1), then halts for ever. Part of both boot sectors.
 */
fail:
	/* 16550 data sheet (TI PC16550D), 8.3: divisor 1, 8n1, no FIFO. */
	movw	$0x3fb, %dx
	movb	$0x83, %al
	outb	%al, %dx
	movw	$0x3f8, %dx
	movw	$1, %ax
	outw	%ax, %dx	/* Divisor, low and high byte. */
	movw	$0x3fb, %dx
	movb	$0x03, %al
	outb	%al, %dx

	movw	$prefix, %si
	call	print
	movw	%di, %si
	call	print
halt:
	cli
	hlt
	jmp	halt

	/* The string at SI. A port that is not there reads as ready. */
print:
	lodsb
	testb	%al, %al
	jz	printed
	pushw	%ax
	movw	$0x3fd, %dx
	xorw	%cx, %cx	/* No more than 65536 looks. */
ready:
	inb	%dx, %al
	testb	$0x20, %al
	loopz	ready
	popw	%ax
	movw	$0x3f8, %dx
	outb	%al, %dx
	movb	$0x0e, %ah	/* Teletype output. */
	movw	$7, %bx
	int	$0x10
	jmp	print
printed:
	ret
