/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of the BIOS from 32-bit code. */
#ifndef BOOT_BIOS_BIOS_H
#define BOOT_BIOS_BIOS_H

#include "boot/handoff/handoff.h"

/* As start.S copies it. */
struct bios_regs {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
	uint16_t ds, es;
	uint32_t flags; /* Only out. */
};

enum {
	FLAG_CARRY = 1,
};

/* Does `int vector` in real mode with these registers, and fills them in. */
void bios_call(unsigned vector, struct bios_regs *regs);

/* Never returns. */
void enter_kernel(uint64_t entry) __attribute__((noreturn));

static inline void
port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t
port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#endif
