/* SPDX-License-Identifier: BSD-2-Clause */
/* GDT, TSS and IDT: SDM vol. 3, chapters 3, 6 and 8. */
#include "kernel/arch/x86_64/arch.h"

#define GDT_CODE_0 UINT64_C(0x00af9b000000ffff) /* 64-bit code, level 0. */
#define GDT_DATA_0 UINT64_C(0x00cf93000000ffff)
#define GDT_DATA_3 UINT64_C(0x00cff3000000ffff)
#define GDT_CODE_3 UINT64_C(0x00affb000000ffff)

enum {
	TSS_AVAILABLE = 0x89, /* Present, 64-bit TSS. */
	GATE_KERNEL = 0x8e,   /* Present, interrupt gate, for the CPU only. */
	GATE_USER = 0xee,     /* The same, INT n from user mode allowed. */

	IST_NMI = 1,
	IST_DOUBLE = 2,
	IST_CHECK = 3,
	IST_DEBUG = 4,

	VECTOR_DEBUG = 1,
	VECTOR_NMI = 2,
	VECTOR_BREAKPOINT = 3,
	VECTOR_DOUBLE = 8,
	VECTOR_CHECK = 18,
	STUB_BYTES = 16, /* Distance of the stubs in stubs.S. */
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static void
gate_set(unsigned vector, uint64_t to, unsigned ist, unsigned type)
{
	arch.idt[vector] = (struct idt_gate){
	    .offset0 = (uint16_t)to,
	    .selector = SEL_KERNEL_CODE,
	    .ist = (uint8_t)ist,
	    .type = (uint8_t)type,
	    .offset16 = (uint16_t)(to >> 16),
	    .offset32 = (uint32_t)(to >> 32),
	};
}

static unsigned
ist_of(unsigned vector)
{
	switch (vector) {
	case VECTOR_DEBUG:
		return IST_DEBUG;
	case VECTOR_NMI:
		return IST_NMI;
	case VECTOR_DOUBLE:
		return IST_DOUBLE;
	case VECTOR_CHECK:
		return IST_CHECK;
	default:
		return 0;
	}
}

static void
idt_init(void)
{
	for (unsigned v = 0; v < VECTOR_DEVICE; v++)
		gate_set(v, exception_stubs[v], ist_of(v),
		    v == VECTOR_BREAKPOINT ? GATE_USER : GATE_KERNEL);
	for (unsigned v = VECTOR_DEVICE; v < IDT_ENTRIES; v++)
		gate_set(v,
		    (uint64_t)interrupt_stubs +
			STUB_BYTES * (v - VECTOR_DEVICE),
		    0, GATE_KERNEL);
}

static void
tss_init(void)
{
	const uint64_t base = (uint64_t)&arch.tss;
	const uint64_t limit = sizeof(arch.tss) - 1;

	arch.tss.ist[IST_NMI - 1] = (uint64_t)nmi_stack_top;
	arch.tss.ist[IST_DOUBLE - 1] = (uint64_t)double_stack_top;
	arch.tss.ist[IST_CHECK - 1] = (uint64_t)check_stack_top;
	arch.tss.ist[IST_DEBUG - 1] = (uint64_t)debug_stack_top;
	arch.tss.io_base = IO_BITMAP_NONE;
	memset(arch.tss.io, 0xff, sizeof(arch.tss.io));

	arch.gdt[SEL_TSS / 8] = (limit & 0xffff) | (base & 0xffffff) << 16 |
	    (uint64_t)TSS_AVAILABLE << 40 | (limit >> 16 & 0xf) << 48 |
	    (base >> 24 & 0xff) << 56;
	arch.gdt[SEL_TSS / 8 + 1] = base >> 32;
}

static void
gdt_load(void)
{
	const struct table_pointer gdt = {
	    .limit = sizeof(arch.gdt) - 1,
	    .base = (uint64_t)arch.gdt,
	};
	const struct table_pointer idt = {
	    .limit = sizeof(arch.idt) - 1,
	    .base = (uint64_t)arch.idt,
	};

	/* The far return loads CS; null data segments are fine in ring 0. */
	__asm__ volatile("lgdt %0\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %3, %%ss\n\t"
			 "movl %4, %%ds\n\t"
			 "movl %4, %%es\n\t"
			 "movl %4, %%fs\n\t"
			 "movl %4, %%gs\n\t"
			 "lidt %1\n\t"
			 "ltr %w5"
			 :
			 : "m"(gdt), "m"(idt), "i"(SEL_KERNEL_CODE),
			 "r"(SEL_KERNEL_DATA), "r"(0), "r"(SEL_TSS)
			 : "rax", "memory");
}

void
descriptors_init(void)
{
	arch.gdt[SEL_KERNEL_CODE / 8] = GDT_CODE_0;
	arch.gdt[SEL_KERNEL_DATA / 8] = GDT_DATA_0;
	arch.gdt[(SEL_USER_DATA - 3) / 8] = GDT_DATA_3;
	arch.gdt[(SEL_USER_CODE - 3) / 8] = GDT_CODE_3;
	tss_init();
	idt_init();
	gdt_load();
}
