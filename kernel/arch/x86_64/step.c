/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instruction of the loaded process, then a trap (D4).
 *
 * The trap flag does it (SDM vol. 3, 18.3.1.4), and the process must not see
 * it. So some instructions are told from the others: those that store the
 * flags, those that load them, those that enter the kernel by themselves, which
 * would take the flag with them (SYSCALL puts it into r11), and MOV to SS: the
 * trap comes only after the instruction that follows (SDM vol. 3, 6.8.3), which
 * may be any of the others.
 *
 * Pure but for `arch`: also compiled into host tests.
 */
#include "kernel/arch/x86_64/arch.h"

enum {
	FLAG_TF = 1 << 8,

	OP_MOV_SREG = 0x8e, /* A ModRM byte follows. */
	OP_PUSHF = 0x9c,
	OP_POPF = 0x9d,
	OP_INT3 = 0xcc,
	OP_INT = 0xcd,
	OP_IRET = 0xcf,
	OP_INT1 = 0xf1,
	OP_TWO = 0x0f, /* Another byte follows. */
	OP_SYSCALL = 0x05,
	OP_SYSENTER = 0x34,

	SREG_SS = 2, /* In bits 3 to 5 of that. */
};

/* Prefixes of 64-bit mode, SDM vol. 2A, 2.1.1 and 2.2.1. */
static bool
is_prefix(uint8_t b)
{
	switch (b) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return (b & 0xf0) == 0x40; /* REX */
	}
}

static enum step_kind
kind_of(const uint8_t *code, unsigned bytes)
{
	unsigned i = 0;

	while (i < bytes && is_prefix(code[i]))
		i++;
	if (i == bytes)
		return STEP_PLAIN; /* It will fault on the next page. */
	switch (code[i]) {
	case OP_MOV_SREG:
		return i + 1 < bytes && (code[i + 1] >> 3 & 7) == SREG_SS
		    ? STEP_NOT
		    : STEP_PLAIN;
	case OP_PUSHF:
		return STEP_STORES;
	case OP_POPF:
	case OP_IRET:
		return STEP_LOADS;
	case OP_INT3:
	case OP_INT:
	case OP_INT1:
		return STEP_ENTERS;
	case OP_TWO:
		if (i + 1 < bytes && (code[i + 1] == OP_SYSCALL ||
					 code[i + 1] == OP_SYSENTER))
			return STEP_ENTERS;
		return STEP_PLAIN;
	default:
		return STEP_PLAIN;
	}
}

enum hal_step
hal_step_begin(struct state_page *s, const uint8_t *code, unsigned bytes)
{
	arch.step = (uint8_t)kind_of(code, bytes);
	arch.step_own = (s->regs.rflags & FLAG_TF) != 0;
	if (arch.step == STEP_ENTERS)
		return HAL_STEP_ENTERS;
	if (arch.step == STEP_NOT)
		return HAL_STEP_NOT;
	s->regs.rflags |= FLAG_TF;
	return arch.step_own ? HAL_STEP_OWN : HAL_STEP_OURS;
}

uint64_t
hal_step_end(struct state_page *s, bool done)
{
	if (arch.step_own || (done && arch.step == STEP_LOADS))
		return 0;
	s->regs.rflags &= ~(uint64_t)FLAG_TF;
	/* Bit 8 of what was pushed is the lowest of its second byte. */
	return done && arch.step == STEP_STORES ? s->regs.rsp + 1 : 0;
}
