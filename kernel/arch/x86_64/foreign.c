/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions by which programs of other systems call, other than SYSCALL
 * (D16). Pure: also compiled into host tests.
 */
#include "kernel/hal/hal.h"

/* Legacy prefixes but LOCK, and REX (SDM vol. 2, 2.1.1 and 2.2.1). */
static bool
is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return byte >> 4 == 4;
	}
}

/*
 * INT n is cd n, SYSENTER 0f 34. The CPU raises #GP at the first, as no gate
 * but that of INT3 is open to user mode; at the second #GP, or #UD where it has
 * no SYSENTER in long mode (AMD64 APM vol. 3, SYSENTER).
 */
unsigned
hal_foreign_call(const uint8_t *code, unsigned bytes, uint64_t *call)
{
	unsigned i = 0;

	while (i < bytes && is_prefix(code[i]))
		i++;
	if (bytes < 2 || i > bytes - 2)
		return 0;
	if (code[i] == 0xcd)
		*call = code[i + 1];
	else if (code[i] == 0x0f && code[i + 1] == 0x34)
		*call = FOREIGN_SYSENTER;
	else
		return 0;
	return i + 2;
}
