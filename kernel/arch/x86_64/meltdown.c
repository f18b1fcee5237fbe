/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does this CPU leak the kernel's memory to user mode (S16)?
 *
 * Pure: also compiled into host tests.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum { RDCL_NO = 1 << 0 }; /* IA32_ARCH_CAPABILITIES, SDM vol. 4. */

/*
 * Intel CPUs do unless they say they do not; the whole direct map stands open
 * to that. Other makers' do not read what user mode may not.
 */
bool
meltdown_affects(const struct cpuid *vendor, uint64_t capabilities)
{
	if (vendor->b != 0x756e6547 || vendor->d != 0x49656e69 ||
	    vendor->c != 0x6c65746e) /* "GenuineIntel" */
		return false;
	return (capabilities & RDCL_NO) == 0;
}
