/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading a process into the CPU, and storing what only the CPU has (F4). */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101,
	MXCSR_MASK_OFFSET = 28,
	MXCSR_MASK_DEFAULT = 0xffbf, /* Where FXSAVE stores 0. */
};

static void
fxsave(void *area)
{
	__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

/*
 * Which bits of MXCSR may be set (SDM vol. 1, 11.6.6), and whether the CPU
 * leaves the x87 pointers alone when no exception is pending (AMD64 APM vol.
 * 3, FXRSTOR): then they would pass from process to process.
 */
void
xstate_init(void)
{
	uint8_t            area[512] __attribute__((aligned(16)));
	const struct cpuid vendor = cpuid(0, 0);

	memset(area, 0, sizeof(area));
	fxsave(area);
	memcpy(&arch.mxcsr_mask, area + MXCSR_MASK_OFFSET, 4);
	if (arch.mxcsr_mask == 0)
		arch.mxcsr_mask = MXCSR_MASK_DEFAULT;
	/* "Auth", and RstrFpErrPtrs clear. */
	arch.fx_leak = vendor.b == 0x68747541 &&
	    (cpuid(0x80000000, 0).a < 0x80000008 ||
		(cpuid(0x80000008, 0).b & 4) == 0);
}

/* Give the x87 pointers a harmless value. */
static void
x87_forget(void)
{
	static const uint32_t zero;

	__asm__ volatile("fnclex; emms; fildl %0" : : "m"(zero));
}

static void
xstate_load(const struct state_page *s)
{
	if (arch.fx_leak)
		x87_forget();
	if (arch.xsave)
		__asm__ volatile(
		    "xrstor64 (%0)"
		    :
		    : "r"(s->xsave), "a"((uint32_t)arch.xcr0), "d"(0)
		    : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(s->xsave) : "memory");
}

static void
xstate_store(struct state_page *s)
{
	if (arch.xsave)
		__asm__ volatile(
		    "xsave64 (%0)"
		    :
		    : "r"(s->xsave), "a"((uint32_t)arch.xcr0), "d"(0)
		    : "memory");
	else
		fxsave(s->xsave); /* XSTATE_BV says x87, SSE: hal_force. */
}

static inline __attribute__((always_inline)) void
enter(struct state_page *s)
{
	arch.accounted = rdtsc();
	arch.tss.rsp[0] = (uint64_t)s + STATE_STACK_TOP;
	if (arch.io_count != 0)
		hal_io_close();
	/*
	 * Selectors a process may have put there tell the next one nothing.
	 * They go first: loading FS or GS clears its base.
	 */
	__asm__ volatile("movl %0, %%ds\n\t"
			 "movl %0, %%es\n\t"
			 "movl %0, %%fs\n\t"
			 "movl %0, %%gs"
			 :
			 : "r"(0)
			 : "memory");
	if (arch.fsgsbase) {
		__asm__ volatile("wrfsbase %0" : : "r"(s->fs_base));
		__asm__ volatile("wrgsbase %0" : : "r"(s->gs_base));
	} else {
		wrmsr(MSR_FS_BASE, s->fs_base);
		wrmsr(MSR_GS_BASE, s->gs_base);
	}
}

void
hal_process_load(struct state_page *s)
{
	enter(s);
	xstate_load(s);
}

void
hal_process_enter(struct state_page *s)
{
	enter(s);
}

/* Charge what the loaded process has used since it was charged last. */
static void
account(struct state_page *s)
{
	const uint64_t now = rdtsc();

	s->ticks += (uint64_t)((unsigned __int128)(now - arch.accounted) *
		machine.clock.ns_mult >>
	    32);
	arch.accounted = now;
}

/*
 * With FSGSBASE a process may have set any canonical base, which is harmless:
 * hal_force leaves it as it is.
 */
void
hal_process_sync(struct state_page *s)
{
	if (arch.fsgsbase) {
		__asm__ volatile("rdfsbase %0" : "=r"(s->fs_base));
		__asm__ volatile("rdgsbase %0" : "=r"(s->gs_base));
	} else {
		s->fs_base = rdmsr(MSR_FS_BASE);
		s->gs_base = rdmsr(MSR_GS_BASE);
	}
	account(s);
	xstate_store(s);
}

/*
 * The same in one go where the CPU has all it takes: call and return pay for
 * this. Selectors go before the bases, as above.
 */
static inline void
switch_fast(struct state_page *from, const struct state_page *to)
{
	const uint32_t components = (uint32_t)arch.xcr0;

	__asm__ volatile("rdfsbase %0\n\t"
			 "rdgsbase %1"
			 : "=&r"(from->fs_base), "=r"(from->gs_base));
	account(from);
	arch.tss.rsp[0] = (uint64_t)to + STATE_STACK_TOP;
	__asm__ volatile("movl %0, %%ds\n\t"
			 "movl %0, %%es\n\t"
			 "movl %0, %%fs\n\t"
			 "movl %0, %%gs\n\t"
			 "wrfsbase %1\n\t"
			 "wrgsbase %2"
			 :
			 : "r"(0), "r"(to->fs_base), "r"(to->gs_base)
			 : "memory");
	__asm__ volatile("xsave64 %0"
			 : "+m"(from->xsave)
			 : "a"(components), "d"(0)
			 : "memory");
	if (likely(arch.fx_leak))
		x87_forget();
	__asm__ volatile("xrstor64 %0"
			 :
			 : "m"(to->xsave), "a"(components), "d"(0)
			 : "memory");
}

/* As hal_top_switch. */
static inline void
load_top(uint64_t top)
{
	arch.cr3 = top;
	write_cr3(top);
}

/* On a CPU that lacks something, or with the I/O bitmap open. */
static __attribute__((noinline)) void
switch_slow(struct state_page *from, struct state_page *to)
{
	hal_process_sync(from);
	hal_process_load(to);
}

void
hal_process_switch(
    struct state_page *from, struct state_page *to, uint64_t top)
{
	if (top != 0)
		load_top(top);
	if (likely(arch.slow_switch == 0))
		switch_fast(from, to);
	else
		switch_slow(from, to);
}

static _Noreturn __attribute__((noinline)) void
switch_message_slow(struct state_page *from, struct state_page *to)
{
	switch_slow(from, to);
	arch_resume_message(from, to);
}

void
hal_process_switch_message(
    struct state_page *from, struct state_page *to, uint64_t top)
{
	load_top(top);
	if (unlikely(arch.slow_switch != 0))
		switch_message_slow(from, to);
	switch_fast(from, to);
	arch_resume_message(from, to);
}

void
hal_process_unload(void)
{
	arch.tss.rsp[0] = 0;
	if (arch.io_count != 0)
		hal_io_close();
}

/* --- The I/O permission bitmap (M9; SDM vol. 1, 19.5.2) ------------------ */

static void
io_set(uint16_t first, uint32_t count, bool closed)
{
	for (uint32_t port = first; port < first + count;) {
		uint8_t *byte = &arch.tss.io[port / 8];

		if (port % 8 == 0 && first + count - port >= 8) {
			*byte = closed ? 0xff : 0;
			port += 8;
			continue;
		}
		if (closed)
			*byte = (uint8_t)(*byte | 1 << port % 8);
		else
			*byte = (uint8_t)(*byte & ~(1 << port % 8));
		port++;
	}
}

void
hal_io_open(uint16_t first, uint32_t count)
{
	assert(count != 0 && first + count <= 0x10000);
	if (arch.io_count != 0)
		hal_io_close();
	arch.io_first = first;
	arch.io_count = count;
	io_set(first, count, false);
	arch.tss.io_base = offsetof(struct tss, io);
	arch.slow_switch |= SLOW_IO;
}

void
hal_io_close(void)
{
	io_set(arch.io_first, arch.io_count, true);
	arch.io_count = 0;
	arch.tss.io_base = IO_BITMAP_NONE;
	arch.slow_switch &= ~(uint32_t)SLOW_IO;
}

bool
hal_io_is_open(void)
{
	return arch.io_count != 0;
}
