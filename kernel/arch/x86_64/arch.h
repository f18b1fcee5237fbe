/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of this architecture: what belongs to the CPU, and the machine.
 */
#ifndef KERNEL_ARCH_X86_64_ARCH_H
#define KERNEL_ARCH_X86_64_ARCH_H

#include "boot/handoff/handoff.h"
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/arch/x86_64/layout.h"
#include "kernel/arch/x86_64/regions.h"
#include "kernel/core/core.h"
#include "kernel/hal/hal.h"

enum {
	IO_BITMAP_BYTES = 8192,
	IO_BITMAP_NONE = 0xffff, /* Beyond the TSS limit: no port is open. */
	GDT_ENTRIES = 7,
	IDT_ENTRIES = 256,
};

enum {
	SLOW_FEATURES = 1u << 0, /* XSAVE or FSGSBASE lack. */
	SLOW_IO = 1u << 1,       /* The I/O bitmap is open. */
};

/* Task state segment, SDM vol. 3, 8.7. */
struct tss {
	uint32_t unused0;
	uint64_t rsp[3];
	uint64_t unused1;
	uint64_t ist[7]; /* ist[0] is IST 1. */
	uint64_t unused2;
	uint16_t unused3;
	uint16_t io_base;
	uint8_t  io[IO_BITMAP_BYTES + 1]; /* The last byte is all ones. */
} __attribute__((packed, aligned(4)));

struct idt_gate {
	uint16_t offset0;
	uint16_t selector;
	uint8_t  ist;
	uint8_t  type;
	uint16_t offset16;
	uint32_t offset32;
	uint32_t unused;
};

/* What an instruction does to the flags; see step.c. */
enum step_kind {
	STEP_PLAIN,
	STEP_STORES, /* The flags, to the stack. */
	STEP_LOADS,  /* Them from there. */
	STEP_ENTERS, /* The kernel. */
	STEP_NOT,    /* No trap comes after it. */
};

/* One for each CPU; one CPU is used. Assembly knows the first fields. */
struct arch {
	uint64_t   user_rsp;     /* For the first instructions of SYSCALL. */
	uint32_t   kernel_debug; /* #DBs that came in the kernel. */
	struct tss tss;          /* rsp[0]: end of the loaded state page. */

	uint64_t        gdt[GDT_ENTRIES];
	struct idt_gate idt[IDT_ENTRIES];

	/* The I/O bitmap's open range; io_count 0: closed. */
	uint16_t io_first;
	uint32_t io_count;

	/* Why a switch of processes is not the plain one; 0: it is. */
	uint32_t slow_switch;

	uint64_t cr3; /* As loaded; the no-flush bit may be set. */

	uint64_t nmis, stray_vectors, apic_errors;
	uint64_t strays_logged;
	uint64_t accounted; /* TSC up to which the loaded process was charged. */

	uint8_t step;     /* enum step_kind of the instruction that is stepped. */
	bool    step_own; /* Its process wants the trap itself. */

	/* Set once by cpu_init. */
	uint32_t features; /* enum kinfo_feature */
	uint64_t xcr0;     /* Components saved; without XSAVE: x87, SSE. */
	uint32_t mxcsr_mask;
	uint64_t pcid_keep; /* Bit 63 of CR3 where there are PCIDs. */
	bool     xsave, fsgsbase, fx_leak, rdrand, tsc_invariant;
	uint8_t  physical_bits;
};
extern struct arch arch;

/* Time: all set once by clock_init. */
struct clock {
	uint64_t tsc_start; /* At kernel entry. */
	uint64_t tsc_khz;
	uint64_t ns_mult;   /* ns = ticks * mult >> 32. */
	uint64_t apic_mult; /* APIC ticks = ns * mult >> 32. */
	uint64_t deadline;  /* The last one asked for. */
};

enum { RESERVED_MAX = 32 };

/* What the machine consists of; filled by hal_init and then constant. */
struct machine {
	struct handoff     handoff;
	struct acpi        acpi;
	struct region_list ram;     /* All that is used. */
	struct region_list regions; /* What is left over of it. */
	struct clock       clock;
	uint64_t           wall; /* Seconds since 1970 at entry. */

	uint64_t *top; /* The kernel's top table. */
	paddr     top_paddr;
	uint64_t  table_base;   /* Where physical 0 is mapped, for tables. */
	unsigned  device_pages; /* Used, of the device mapping area. */

	volatile void *lapic; /* NULL until lapic_init. */
	uint64_t       lapic_physical;
	uint32_t       apic_id;
	volatile void *hpet; /* NULL: none. */
	volatile void *ioapic[ACPI_IOAPICS];
	uint32_t       ioapic_pins[ACPI_IOAPICS];
	uint32_t       gsi_count;

	volatile uint8_t *reset_register; /* NULL: it is not in memory. */

	struct hal_reserved window[RESERVED_MAX];
	unsigned            windows;

	bool     panic_open; /* The panic console has been set up. */
	unsigned screen_at;  /* Its next cell on the screen. */
};
extern struct machine machine;

/* In the order in which hal_init calls them. */
void descriptors_init(void);
void cpu_init(void);
void acpi_init(void);
void paging_init(void);
void pic_init(void);
void lapic_init(void);
void ioapic_init(void);
void clock_init(void);
void reserve_init(void);

/* Map device registers, uncached; for the kernel's own use, until power-off. */
volatile void *device_map(uint64_t physical, uint64_t bytes);

/* Is this vector in service: was it raised through the local APIC? */
bool     lapic_in_service(unsigned vector);
void     lapic_eoi(void);
void     lapic_timer(uint32_t ticks); /* One shot; 0 stops it. */
uint32_t lapic_timer_left(void);
void     lapic_error_clear(void);

/* The deadline's interrupt has come: false if it came too early (set again). */
bool clock_due(void);

/* XSAVE area and base registers; see process.c. */
void xstate_init(void);

struct cpuid;

/* S16: vendor is leaf 0, capabilities IA32_ARCH_CAPABILITIES or 0. */
bool meltdown_affects(const struct cpuid *vendor, uint64_t capabilities);

/* From assembly. */
_Noreturn void arch_start(const struct handoff *h);
_Noreturn void arch_exception(struct state_page *s);
_Noreturn void arch_kernel_exception(const struct registers *r);
_Noreturn void arch_interrupt(struct state_page *s, unsigned vector);
_Noreturn void arch_bad_rip(struct state_page *s);
_Noreturn void arch_bad_rip_message(
    const struct state_page *from, struct state_page *to);
void           arch_nmi(void);
void           arch_machine_check(void);

/* In assembly, and in kernel.ld. */
_Noreturn void arch_resume_message(
    const struct state_page *from, const struct state_page *to);
extern const uint64_t exception_stubs[32];
extern const char     interrupt_stubs[];
void                  syscall_entry(void);
extern char           kernel_first[], text_first[], text_end[], rodata_first[],
    rodata_end[], data_first[], kernel_end[];
extern char kernel_stack_guard[], kernel_stack_top[], nmi_stack_guard[],
    nmi_stack_top[], double_stack_guard[], double_stack_top[],
    check_stack_guard[], check_stack_top[], debug_stack_guard[],
    debug_stack_top[], idle_stack_guard[];

#endif
