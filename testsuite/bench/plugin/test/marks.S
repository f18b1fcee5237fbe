/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A boot sector that enters long mode and executes known numbers of
 * instructions between the plugin's markers; test.c knows them too. Then it
 * says so on the first serial port and halts with interrupts off.
 */
	.set	PML4, 0x1000
	.set	PDPT, 0x2000
	.set	DIRECTORY, 0x3000
	.set	PRESENT_WRITABLE, 0x03
	.set	LARGE, 0x80
	.set	CR4_PAE, 0x20
	.set	EFER, 0xc0000080
	.set	EFER_LME, 0x100
	.set	CR0_PG_PE, 0x80000001
	.set	COM1, 0x3f8
	.set	LSR, 5
	.set	LSR_EMPTY, 0x20

	.code16
	.globl	_start
_start:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp

	/* The first 2 MiB, mapped as they are. */
	movw	$PML4, %di
	movw	$0x3000 / 2, %cx
	rep stosw
	movw	$PDPT | PRESENT_WRITABLE, PML4
	movw	$DIRECTORY | PRESENT_WRITABLE, PDPT
	movw	$LARGE | PRESENT_WRITABLE, DIRECTORY
	movl	$PML4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG_PE, %eax
	lgdt	gdtr
	movl	%eax, %cr0
	ljmp	$8, $long_mode

	.code64
long_mode:
	xchgq	%r13, %r13	/* A stop without a start: nothing. */

	xchgq	%r11, %r11
	movl	$1000, %ecx
1:	decl	%ecx
	jnz	1b
	xchgq	%r13, %r13	/* 1 + 2 * 1000 */

	xchgq	%r11, %r11
	xchgq	%r13, %r13	/* 0 */

	xchgq	%r10, %r10	/* Since QEMU's start: not known here. */
	nop
	nop
	nop
	xchgq	%r10, %r10	/* 3 */

	/* REP counts once for each iteration, as testing knows. */
	xchgq	%r11, %r11
	movl	$64, %ecx
	movl	$0x10000, %edi
	rep stosq
	xchgq	%r13, %r13

	movl	$text, %esi
2:	lodsb
	testb	%al, %al
	jz	4f
	movb	%al, %ah
	movl	$COM1 + LSR, %edx
3:	inb	%dx, %al
	testb	$LSR_EMPTY, %al
	jz	3b
	movb	%ah, %al
	movl	$COM1, %edx
	outb	%al, %dx
	jmp	2b
4:	hlt
	jmp	4b

text:	.asciz	"marks done\r\n"
	.balign 8
gdt:	.quad	0
	.quad	0x00209a0000000000	/* code, ring 0, long mode */
gdtr:	.word	gdtr - gdt - 1
	.long	gdt

	.org	510
	.byte	0x55, 0xaa
