/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this CPU has, and switching it on. What is missing is logged, and the
 * system runs without it.
 */
#include "kernel/abi/kinfo.h"
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

/* SDM vol. 3, 2.5 and vol. 4. */
#define CR0_MP         (UINT64_C(1) << 1)
#define CR0_EM         (UINT64_C(1) << 2)
#define CR0_TS         (UINT64_C(1) << 3)
#define CR0_NE         (UINT64_C(1) << 5)
#define CR0_WP         (UINT64_C(1) << 16)
#define CR0_AM         (UINT64_C(1) << 18)
#define CR0_NW         (UINT64_C(1) << 29)
#define CR0_CD         (UINT64_C(1) << 30)

#define CR4_TSD        (UINT64_C(1) << 2)
#define CR4_MCE        (UINT64_C(1) << 6)
#define CR4_PGE        (UINT64_C(1) << 7)
#define CR4_OSFXSR     (UINT64_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT64_C(1) << 10)
#define CR4_UMIP       (UINT64_C(1) << 11)
#define CR4_FSGSBASE   (UINT64_C(1) << 16)
#define CR4_PCIDE      (UINT64_C(1) << 17)
#define CR4_OSXSAVE    (UINT64_C(1) << 18)
#define CR4_SMEP       (UINT64_C(1) << 20)
#define CR4_SMAP       (UINT64_C(1) << 21)

enum {
	MSR_ARCH_CAPABILITIES = 0x10a,
	MSR_PAT = 0x277,
	MSR_EFER = 0xc0000080,
	MSR_STAR = 0xc0000081,
	MSR_LSTAR = 0xc0000082,
	MSR_SFMASK = 0xc0000084,

	EFER_SCE = 1 << 0,
	EFER_NXE = 1 << 11,

	FLAG_TF = 1 << 8,
	FLAG_IF = 1 << 9,
	FLAG_DF = 1 << 10,
	FLAG_NT = 1 << 14,
	FLAG_RF = 1 << 16,
	FLAG_AC = 1 << 18,

	XCR0_X87 = 1 << 0,
	XCR0_SSE = 1 << 1,
	XCR0_AVX = 1 << 2,
};

/* Entries 0 and 4 write-back, 1 combining, 2 uncached-, 3 uncached. */
#define PAT_ENTRIES UINT64_C(0x0007010600070106)
#define PCID_KEEP   (UINT64_C(1) << 63)

/* Where CPUID says what (SDM vol. 2A, CPUID). */
struct feature {
	uint32_t    leaf;
	uint8_t     reg; /* 0 a, 1 b, 2 c, 3 d. */
	uint8_t     bit;
	uint32_t    flag; /* enum kinfo_feature */
	uint64_t    cr4;
	const char *without; /* What its absence means; NULL: nothing. */
};

static const struct feature features[] = {
    {1, 2, 26, KF_XSAVE, CR4_OSXSAVE, "XSAVE: FXSAVE, no AVX"},
    {7, 1, 7, KF_SMEP, CR4_SMEP, "SMEP"},
    {7, 1, 20, KF_SMAP, CR4_SMAP, "SMAP"},
    {7, 2, 2, KF_UMIP, CR4_UMIP, "UMIP: user mode sees table addresses"},
    {0x80000001, 3, 20, KF_NX, 0, "NX"},
    {1, 2, 17, KF_PCID, 0, NULL},
    {7, 1, 0, KF_FSGSBASE, CR4_FSGSBASE, "FSGSBASE: slower switches"},
    {0x80000001, 3, 26, KF_1G_PAGES, 0, NULL},
    {7, 1, 10, KF_INVPCID, 0, NULL},
    {1, 2, 31, KF_HYPERVISOR, 0, NULL},
};

static uint32_t
cpuid_reg(uint32_t leaf, unsigned reg)
{
	struct cpuid r;

	if (cpuid(leaf & 0x80000000, 0).a < leaf)
		return 0;
	r = cpuid(leaf, 0);
	switch (reg) {
	case 0:
		return r.a;
	case 1:
		return r.b;
	case 2:
		return r.c;
	default:
		return r.d;
	}
}

static bool
cpuid_bit(uint32_t leaf, unsigned reg, unsigned bit)
{
	return (cpuid_reg(leaf, reg) >> bit & 1) != 0;
}

static uint64_t
features_find(void)
{
	uint64_t cr4 = 0;

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *f = &features[i];

		if (cpuid_bit(f->leaf, f->reg, f->bit)) {
			arch.features |= f->flag;
			cr4 |= f->cr4;
		} else if (f->without != NULL) {
			log_line("cpu: no %s", f->without);
		}
	}
	return cr4;
}

/* What the CPU says it does not suffer from (SDM vol. 3, 2.8.3); 0: nothing. */
static uint64_t
arch_capabilities(void)
{
	return cpuid_bit(7, 3, 29) ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;
}

/* SYSCALL: where to, with which selectors and which flags cleared. */
static void
syscall_init(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	wrmsr(MSR_STAR,
	    (uint64_t)SEL_SYSRET_BASE << 48 | (uint64_t)SEL_KERNEL_CODE << 32);
	wrmsr(MSR_LSTAR, (uint64_t)syscall_entry);
	wrmsr(MSR_SFMASK,
	    FLAG_TF | FLAG_IF | FLAG_DF | FLAG_NT | FLAG_RF | FLAG_AC);
}

static void
xsave_init(void)
{
	arch.xcr0 = XCR0_X87 | XCR0_SSE;
	if ((arch.features & KF_XSAVE) == 0)
		return;
	arch.xsave = true;
	if (cpuid_bit(1, 2, 28) && (cpuid(0xd, 0).a & XCR0_AVX) != 0) {
		arch.xcr0 |= XCR0_AVX;
		arch.features |= KF_AVX;
	} else {
		log_line("cpu: no AVX");
	}
	xsetbv(0, arch.xcr0);
}

static void
control_init(uint64_t cr4)
{
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS | CR0_AM | CR0_NW | CR0_CD)) |
	    CR0_MP | CR0_NE | CR0_WP);
	if (cpuid_bit(1, 3, 7))
		cr4 |= CR4_MCE;
	if (cpuid_bit(1, 3, 13))
		cr4 |= CR4_PGE;
	cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
	write_cr4((read_cr4() & ~CR4_TSD) | cr4);
	/*
	 * CR4.PCIDE may be set only while CR3's low 12 bits are 0 (SDM vol. 3,
	 * 4.10.1); they are cache bits to the loader, which uses none.
	 */
	if ((arch.features & KF_PCID) != 0) {
		write_cr3(read_cr3() & ~UINT64_C(0xfff));
		write_cr4(read_cr4() | CR4_PCIDE);
		arch.pcid_keep = PCID_KEEP;
	}
	if (cpuid_bit(1, 3, 16))
		wrmsr(MSR_PAT, PAT_ENTRIES);
}

void
cpu_init(void)
{
	const uint64_t     cr4 = features_find();
	const struct cpuid vendor = cpuid(0, 0);

	/* Without it there is no W^X; only the first x86-64 CPUs lack it. */
	if ((arch.features & KF_NX) == 0)
		panic("this CPU has no NX: not supported");
	control_init(cr4);
	syscall_init();
	xsave_init();
	xstate_init();
	if (meltdown_affects(&vendor, arch_capabilities())) {
		arch.features |= KF_MELTDOWN;
		log_line("cpu: Meltdown: affected, not mitigated");
	}
	arch.fsgsbase = (arch.features & KF_FSGSBASE) != 0;
	if (!arch.xsave || !arch.fsgsbase)
		arch.slow_switch |= SLOW_FEATURES;
	arch.rdrand = cpuid_bit(1, 2, 30);
	arch.tsc_invariant = cpuid_bit(0x80000007, 3, 8);
	arch.physical_bits = (uint8_t)cpuid_reg(0x80000008, 0);
	if (arch.physical_bits < 32 || arch.physical_bits > 52)
		arch.physical_bits = 36;
}

uint32_t
hal_features(void)
{
	return arch.features;
}

unsigned
hal_physical_bits(void)
{
	return arch.physical_bits;
}

/* SplitMix64's finaliser over the clock: different each time, no more. */
uint64_t
hal_random(void)
{
	uint64_t v = 0;
	bool     ok;

	for (int i = 0; arch.rdrand && i < 10; i++) {
		__asm__ volatile("rdrand %0" : "=r"(v), "=@ccc"(ok));
		if (ok)
			return v;
	}
	v = rdtsc() * UINT64_C(0x9e3779b97f4a7c15);
	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}
