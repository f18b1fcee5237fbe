/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of the extended bootstrap, and its three changes of CPU mode: into
 * 32-bit protected mode for the C code, back to real mode for the length of
 * one BIOS call, and into long mode for the kernel.
 *
 * Entered at 0000:8000 with DL = the drive. All that runs in real mode stands
 * in .start, which the linker puts below 64 KiB. Intel SDM volume 3, 9.9
 * (mode switching) and 4.5 (paging), gives the sequences.
 */
#include "boot/bios/bootrecord.h"

	.equ	CODE32, 0x08
	.equ	DATA32, 0x10
	.equ	CODE16, 0x18
	.equ	DATA16, 0x20
	.equ	CODE64, 0x28

	.equ	CR0_PE, 1
	.equ	CR0_PG, 0x80000000
	.equ	CR4_PAE, 0x20
	.equ	MSR_EFER, 0xc0000080
	.equ	EFER_LME, 0x100

	.section .start, "awx"
	.code16
	.globl	_start
_start:
	jmp	entry
	.org	IMAGE_MAGIC_AT
	.long	IMAGE_MAGIC
	.org	IMAGE_CODE_AT	/* The installer fills struct image_header. */

entry:
	cli
	cld
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$STACK_TOP, %esp
	movzbl	%dl, %ebx
	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$CODE32, $protected

	.code32
protected:
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	pushl	%ebx
	call	boot_main	/* Does not return. */

	/*
	 * void bios_call(unsigned vector, struct bios_regs *regs): one
	 * software interrupt in real mode; registers go in and come out.
	 */
	.globl	bios_call
bios_call:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	20(%esp), %eax
	movl	(,%eax,4), %eax		/* The real-mode vector table. */
	movl	%eax, handler
	movl	24(%esp), %esi
	movl	$regs, %edi
	movl	$9, %ecx
	rep movsl
	movl	%esp, saved_esp
	lidtl	real_idt
	ljmpl	$CODE16, $leave

	.code16
leave:
	movw	$DATA16, %ax		/* Limits of 64 KiB again. */
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	%cr0, %eax
	andb	$~CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$0, $real
real:
	xorw	%ax, %ax
	movw	%ax, %ss		/* The stack lies below 64 KiB. */
	movw	%ax, %ds
	movw	%ax, %fs
	movw	%ax, %gs
	movl	regs_eax, %eax
	movl	regs_ebx, %ebx
	movl	regs_ecx, %ecx
	movl	regs_edx, %edx
	movl	regs_esi, %esi
	movl	regs_edi, %edi
	movl	regs_ebp, %ebp
	movw	regs_es, %es
	movw	regs_ds, %ds
	sti
	pushfw				/* As INT n, but n is a variable. */
	cli
	lcallw	*%cs:handler
	pushfw
	cli
	cld
	popw	%cs:regs_flags
	movw	%es, %cs:regs_es
	movl	%eax, %cs:regs_eax
	movl	%ebx, %cs:regs_ebx
	movl	%ecx, %cs:regs_ecx
	movl	%edx, %cs:regs_edx
	movl	%esi, %cs:regs_esi
	movl	%edi, %cs:regs_edi
	movl	%ebp, %cs:regs_ebp
	xorw	%ax, %ax
	movw	%ax, %ds
	lgdtl	gdt_pointer		/* The BIOS may have its own. */
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$CODE32, $back

	.code32
back:
	movw	$DATA32, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movl	saved_esp, %esp
	movl	$regs, %esi
	movl	24(%esp), %edi
	movl	$9, %ecx
	rep movsl
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	/*
	 * void enter_kernel(uint64_t entry): into long mode with the tables
	 * at TABLES_ADDRESS, then to the kernel.
	 */
	.globl	enter_kernel
enter_kernel:
	movl	4(%esp), %esi
	movl	8(%esp), %edi
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$TABLES_ADDRESS, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	ljmpl	$CODE64, $long_mode

	.code64
long_mode:
	movl	$DATA32, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	%esi, %eax
	shlq	$32, %rdi
	orq	%rdi, %rax
	movl	$KSTACK_TOP, %esp
	movl	$HANDOFF_ADDRESS, %edi
	xorl	%ebp, %ebp
	xorl	%esi, %esi
	jmp	*%rax

	/* "Accessed" is set in all, so that the CPU never writes here. */
	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* CODE32: 4 GiB */
	.quad	0x00cf93000000ffff	/* DATA32 */
	.quad	0x00009b000000ffff	/* CODE16: 64 KiB */
	.quad	0x000093000000ffff	/* DATA16 */
	.quad	0x00af9b000000ffff	/* CODE64 */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
real_idt:
	.word	0x3ff
	.long	0

	/* struct bios_regs, where real mode reaches it. */
	.balign	4
regs:
regs_eax:	.long	0
regs_ebx:	.long	0
regs_ecx:	.long	0
regs_edx:	.long	0
regs_esi:	.long	0
regs_edi:	.long	0
regs_ebp:	.long	0
regs_ds:	.word	0
regs_es:	.word	0
regs_flags:	.long	0
handler:	.long	0
saved_esp:	.long	0
