/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that assembly and C share, hence macros and not enums. C checks them
 * against the structures in arch.c.
 */
#ifndef KERNEL_ARCH_X86_64_LAYOUT_H
#define KERNEL_ARCH_X86_64_LAYOUT_H

/*
 * Selectors. SYSCALL loads CS and SS from 8 and 8 + 8; SYSRETQ loads SS from
 * 0x10 + 8 and CS from 0x10 + 16 (SDM vol. 3, 5.8.8): that fixes the order.
 */
#define SEL_KERNEL_CODE    0x08
#define SEL_KERNEL_DATA    0x10
#define SEL_USER_DATA      0x1b /* With privilege level 3. */
#define SEL_USER_CODE      0x23
#define SEL_TSS            0x28
#define SEL_SYSRET_BASE    0x10

/* A state page: struct registers, and where it starts and ends in it. */
#define REGS               0x90
#define REGS_TOP           0x140
#define R_R15              0x00
#define R_R14              0x08
#define R_R13              0x10
#define R_R12              0x18
#define R_R11              0x20
#define R_R10              0x28
#define R_R9               0x30
#define R_R8               0x38
#define R_RBP              0x40
#define R_RDI              0x48
#define R_RSI              0x50
#define R_RDX              0x58
#define R_RCX              0x60
#define R_RBX              0x68
#define R_RAX              0x70
#define R_TRAP             0x78
#define R_ERROR            0x80
#define R_RIP              0x88
#define R_CS               0x90
#define R_RFLAGS           0x98
#define R_RSP              0xa0
#define R_SS               0xa8
#define R_BYTES            0xb0

/* Within struct arch. */
#define ARCH_USER_RSP      0x00
#define ARCH_RSP0          0x10
#define ARCH_KERNEL_DEBUG  0x08

/* Trap numbers beside the vectors, as in enum trap. */
#define TRAP_NR_SYSCALL    0x100
#define TRAP_NR_INTERRUPT  0x101

/* Vectors of the local APIC, and of the masked PICs. */
#define VECTOR_DEVICE      0x20 /* 192 of them. */
#define VECTOR_DEVICE_LAST 0xdf
#define VECTOR_PIC         0xe0 /* 16 of them. */
#define VECTOR_TIMER       0xf0
#define VECTOR_APIC_ERROR  0xf1
#define VECTOR_SPURIOUS    0xff

#define STACK_BYTES        16384
#define IST_STACK_BYTES    4096
#define GUARD_BYTES        4096

#define USER_TOP_BIT       47 /* Addresses from here on are not the user's. */

#endif
