/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a state page may contain (F3, S5). Everything is forced, nothing is
 * trusted: a reserved bit would be a fault of the kernel at XRSTOR or IRETQ.
 *
 * Pure but for the CPU's features in `arch`: also compiled into host tests.
 */
#include "kernel/arch/x86_64/arch.h"

/* The XSAVE area in standard form, SDM vol. 1, 13.4. */
enum {
	X_FCW = 0,
	X_MXCSR = 24,
	X_X87 = 32, /* ST0 to ST7. */
	X_SSE = 160,
	X_SSE_BYTES = 256,
	X_BV = 512,
	X_HEADER = 512,
	X_HEADER_BYTES = 64,
	X_AVX = 576,
	X_AVX_BYTES = 256,

	BV_X87 = 1 << 0,
	BV_SSE = 1 << 1,
	BV_AVX = 1 << 2,
	BV_ALL = BV_X87 | BV_SSE | BV_AVX, /* Of XSAVE_FORMAT_1. */

	FCW_INIT = 0x37f,
	MXCSR_INIT = 0x1f80,
	FLAGS_FORCED = 0x202, /* IF, and the bit that is always 1. */

	/* CF PF AF ZF SF TF DF OF, RF, AC, ID. */
	FLAGS_USER = 0xdd5 | 1 << 16 | 1 << 18 | 1 << 21,
};

#define USER_MASK ((UINT64_C(1) << USER_TOP_BIT) - 1)

static uint64_t
load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void
store32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static bool
all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/*
 * FXRSTOR knows no XSTATE_BV: it loads what is in memory. So what the bits
 * call initial is made so.
 */
static void
spell_out(uint8_t *x, uint64_t bv)
{
	if ((bv & BV_X87) == 0) {
		memset(x, 0, X_MXCSR);
		memset(x + X_X87, 0, X_SSE - X_X87);
		x[X_FCW] = FCW_INIT & 0xff;
		x[X_FCW + 1] = FCW_INIT >> 8;
	}
	if ((bv & BV_SSE) == 0)
		memset(x + X_SSE, 0, X_SSE_BYTES);
	if ((bv & (BV_SSE | BV_AVX)) == 0)
		store32(x + X_MXCSR, MXCSR_INIT);
}

static bool
force_xstate(uint8_t *x)
{
	uint64_t bv = load64(x + X_BV);
	uint32_t mxcsr;

	bv &= BV_ALL;
	if ((bv & BV_AVX) != 0 && (arch.xcr0 & BV_AVX) == 0) {
		if (!all_zero(x + X_AVX, X_AVX_BYTES))
			return false;
		/* MXCSR goes with either bit (SDM vol. 1, 13.8.1). */
		bv = (bv & ~(uint64_t)BV_AVX) | BV_SSE;
	}
	if (!arch.xsave) {
		spell_out(x, bv);
		bv = BV_X87 | BV_SSE;
	}
	memset(x + X_HEADER, 0, X_HEADER_BYTES);
	memcpy(x + X_BV, &bv, sizeof(bv));
	memcpy(&mxcsr, x + X_MXCSR, sizeof(mxcsr));
	store32(x + X_MXCSR, mxcsr & arch.mxcsr_mask);
	return true;
}

/* Loading one that is not canonical would fault: bit 47 and all above are one. */
static uint64_t
canonical(uint64_t base)
{
	return (uint64_t)((int64_t)(base << 16) >> 16);
}

/*
 * FS and GS bases may lie anywhere, as they may when a process sets them itself
 * (WRFSBASE): what is the kernel's it cannot reach by them either.
 */
void
hal_force_registers(struct state_page *s)
{
	struct registers *r = &s->regs;

	r->rip &= USER_MASK;
	r->cs = SEL_USER_CODE;
	r->ss = SEL_USER_DATA;
	r->rflags = (r->rflags & FLAGS_USER) | FLAGS_FORCED;
	s->fs_base = canonical(s->fs_base);
	s->gs_base = canonical(s->gs_base);
}

bool
hal_force(struct state_page *s)
{
	if (s->xformat != XSAVE_FORMAT_1)
		return false;
	hal_force_registers(s);
	return force_xstate(s->xsave);
}

void
hal_state_init(struct state_page *s)
{
	memset(&s->regs, 0, sizeof(s->regs));
	memset(s->xsave, 0, sizeof(s->xsave));
	s->regs.cs = SEL_USER_CODE;
	s->regs.ss = SEL_USER_DATA;
	s->regs.rflags = FLAGS_FORCED;
	s->fs_base = 0;
	s->gs_base = 0;
	s->xformat = XSAVE_FORMAT_1;
	s->xsave[X_FCW] = FCW_INIT & 0xff;
	s->xsave[X_FCW + 1] = FCW_INIT >> 8;
	store32(s->xsave + X_MXCSR, MXCSR_INIT);
	if (!arch.xsave)
		s->xsave[X_BV] = BV_X87 | BV_SSE;
}
