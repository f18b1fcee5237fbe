/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two 8259s: moved away from the exceptions' vectors and masked for good
 * (8259A data sheet, initialisation command words). Even so they may raise
 * their lowest-priority vector; arch_interrupt takes it.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	PIC1_COMMAND = 0x20,
	PIC1_DATA = 0x21,
	PIC2_COMMAND = 0xa0,
	PIC2_DATA = 0xa1,

	ICW1_START = 0x11, /* With ICW4. */
	ICW3_CASCADE = 1 << 2,
	ICW3_IDENTITY = 2,
	ICW4_8086 = 1,
};

void
pic_init(void)
{
	out8(PIC1_COMMAND, ICW1_START);
	out8(PIC2_COMMAND, ICW1_START);
	out8(PIC1_DATA, VECTOR_PIC);
	out8(PIC2_DATA, VECTOR_PIC + 8);
	out8(PIC1_DATA, ICW3_CASCADE);
	out8(PIC2_DATA, ICW3_IDENTITY);
	out8(PIC1_DATA, ICW4_8086);
	out8(PIC2_DATA, ICW4_8086);
	out8(PIC1_DATA, 0xff);
	out8(PIC2_DATA, 0xff);
}
