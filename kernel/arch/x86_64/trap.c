/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the stubs in stubs.S to the kernel's entries.
 *
 * A device can raise any vector from 16 to 255, and an NMI, by a write to
 * 0xfee00000 that no IOMMU of today's QEMU stops. Such a stray costs one
 * wake-up and is counted.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"
#include "kernel/core/panic.h"
#include "kernel/hal/entry.h"

enum {
	VECTOR_PROTECTION = 13,
	VECTOR_PAGE_FAULT = 14,
	VECTOR_FIRST_FORGED = 16,
	VECTOR_CHECK = 18,

	PF_WRITE = 1 << 1,
	PF_RESERVED = 1 << 3,
	PF_FETCH = 1 << 4,

	PIC_SPURIOUS_2 = VECTOR_PIC + 15,
	PIC1_COMMAND = 0x20,
	PIC_EOI = 0x20,
};

_Static_assert((int)TRAP_SYSCALL == TRAP_NR_SYSCALL, "layout.h");
_Static_assert((int)TRAP_INTERRUPT == TRAP_NR_INTERRUPT, "layout.h");
_Static_assert(sizeof(struct registers) == R_BYTES, "layout.h");
_Static_assert(offsetof(struct registers, rax) == R_RAX, "layout.h");
_Static_assert(offsetof(struct registers, rip) == R_RIP, "layout.h");
_Static_assert(offsetof(struct registers, ss) == R_SS, "layout.h");
_Static_assert(STATE_REGS_OFFSET == REGS, "layout.h");
_Static_assert(STATE_STACK_TOP == REGS_TOP, "layout.h");
_Static_assert(offsetof(struct arch, user_rsp) == ARCH_USER_RSP, "layout.h");
_Static_assert(
    offsetof(struct arch, kernel_debug) == ARCH_KERNEL_DEBUG, "layout.h");
_Static_assert(offsetof(struct arch, tss.rsp) == ARCH_RSP0, "layout.h");
_Static_assert(HAL_VECTORS == VECTOR_DEVICE_LAST - VECTOR_DEVICE + 1, "all");

static const uint8_t fault_of[32] = {
    [0] = FAULT_DIVIDE,
    [1] = FAULT_DEBUG,
    [3] = FAULT_BREAKPOINT,
    [6] = FAULT_INSTRUCTION,
    [7] = FAULT_INSTRUCTION,
    [16] = FAULT_FLOAT,
    [19] = FAULT_FLOAT,
};

static void
stray(void)
{
	arch.stray_vectors++;
	lapic_eoi();
}

/* Was it no exception but an interrupt with such a vector? Then it is done. */
static bool
forged(uint64_t vector)
{
	if (vector < VECTOR_FIRST_FORGED || vector >= VECTOR_DEVICE ||
	    !lapic_in_service((unsigned)vector))
		return false;
	stray();
	return true;
}

static _Noreturn void
page_fault(struct state_page *s)
{
	const uint64_t v = read_cr2();
	const uint64_t error = s->regs.error;

	if ((error & PF_RESERVED) != 0)
		panic_trap("reserved bit in a mapping table", &s->regs, v);
	entry_page_fault(s, v,
	    (error & PF_FETCH) != 0       ? ACCESS_EXECUTE
		: (error & PF_WRITE) != 0 ? ACCESS_WRITE
					  : ACCESS_READ);
}

/* An exception of the loaded process. */
void
arch_exception(struct state_page *s)
{
	const uint64_t  vector = s->regs.trap;
	enum fault_code code;

	if (vector == VECTOR_PAGE_FAULT)
		page_fault(s);
	if (forged(vector))
		entry_continue(s);
	code = (enum fault_code)fault_of[vector & 31];
	entry_fault(
	    s, code == FAULT_NONE ? FAULT_PROTECTION : code, s->regs.error);
}

/* One in the kernel is the kernel's fault (D3), unless it is forged. */
void
arch_kernel_exception(const struct registers *r)
{
	if (forged(r->trap))
		hal_idle();
	panic_trap("exception in the kernel", r, read_cr2());
}

/*
 * As the #GP that it would be: if its keeper is busy, it is to fault here again,
 * and not to execute the SYSCALL before once more.
 */
void
arch_bad_rip(struct state_page *s)
{
	s->regs.trap = VECTOR_PROTECTION;
	entry_fault(s, FAULT_PROTECTION, 0);
}

/* The same, before it has the words of the message that it was resumed with. */
void
arch_bad_rip_message(const struct state_page *from, struct state_page *to)
{
	to->regs.rdi = from->regs.rdi;
	to->regs.rsi = from->regs.rsi;
	to->regs.rdx = from->regs.rdx;
	to->regs.r10 = from->regs.r10;
	to->regs.r8 = from->regs.r8;
	arch_bad_rip(to);
}

/* NMI and stray vectors are logged here, where nothing can be cut short. */
static void
log_strays(void)
{
	const uint64_t n = arch.nmis + arch.stray_vectors + arch.apic_errors;

	if (n < arch.strays_logged + arch.strays_logged / 2 + 1)
		return;
	arch.strays_logged = n;
	log_line("strays: %lu NMIs, %lu vectors, %lu APIC errors", arch.nmis,
	    arch.stray_vectors, arch.apic_errors);
}

/* Vectors that are no device's. */
static void
own_interrupt(struct state_page *s, unsigned vector)
{
	if (vector == VECTOR_TIMER) {
		lapic_eoi();
		log_strays();
		if (clock_due())
			entry_clock(s);
		return;
	}
	if (vector == VECTOR_APIC_ERROR) {
		arch.apic_errors++;
		lapic_error_clear();
		lapic_eoi();
		return;
	}
	/* A true spurious one, the APIC's or a PIC's, is not in service. */
	if (lapic_in_service(vector)) {
		stray();
		return;
	}
	if (vector == PIC_SPURIOUS_2)
		out8(PIC1_COMMAND, PIC_EOI); /* The master believed in it. */
}

void
arch_interrupt(struct state_page *s, unsigned vector)
{
	if (vector <= VECTOR_DEVICE_LAST)
		entry_interrupt(s, vector - VECTOR_DEVICE);
	own_interrupt(s, vector);
	entry_continue(s);
}

void
arch_nmi(void)
{
	arch.nmis++;
}

void
arch_machine_check(void)
{
	if (!forged(VECTOR_CHECK))
		panic("machine check");
}

void
hal_strays(struct hal_strays *out)
{
	*out = (struct hal_strays){
	    .nmis = arch.nmis,
	    .vectors = arch.stray_vectors,
	    .errors = arch.apic_errors,
	};
}
