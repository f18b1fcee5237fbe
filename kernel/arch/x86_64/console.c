/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The panic consoles: the first serial port and the text screen. Used by panic
 * alone, so they may overrun whatever a driver was doing. The debug port is
 * QEMU's isa-debugcon.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	COM1 = 0x3f8,
	COM_IER = 1,
	COM_LCR = 3,
	COM_MCR = 4,
	COM_LSR = 5,
	LCR_8N1 = 3,
	LCR_DIVISOR = 0x80,
	MCR_DTR_RTS = 3,
	LSR_EMPTY = 0x20,
	LSR_ABSENT = 0xff,
	DIVISOR_115K = 1,
	WAIT_MOST = 100000, /* Polls; then the port is taken for dead. */

	VGA_TEXT = 0xb8000,
	VGA_COLUMNS = 80,
	VGA_ROWS = 25,
	VGA_COLOUR = 0x4f00, /* White on red. */

	DEBUG_PORT = 0xe9,
};

#ifdef DEBUG_BUILD
enum { DEBUG_COPY = true };
#else
enum { DEBUG_COPY = false };
#endif

static void
serial_open(void)
{
	out8(COM1 + COM_IER, 0);
	out8(COM1 + COM_LCR, LCR_8N1 | LCR_DIVISOR);
	out8(COM1, DIVISOR_115K);
	out8(COM1 + COM_IER, 0);
	out8(COM1 + COM_LCR, LCR_8N1);
	out8(COM1 + COM_MCR, MCR_DTR_RTS);
}

static void
serial_byte(char c)
{
	for (int i = 0; i < WAIT_MOST; i++) {
		const uint8_t lsr = in8(COM1 + COM_LSR);

		if (lsr == LSR_ABSENT)
			return;
		if ((lsr & LSR_EMPTY) != 0)
			break;
	}
	out8(COM1, (uint8_t)c);
}

static void
screen_byte(char c)
{
	volatile uint16_t *const cell = (volatile uint16_t *)(KERNEL_BASE +
	    VGA_TEXT);

	if (c == '\n')
		machine.screen_at += VGA_COLUMNS -
		    machine.screen_at % VGA_COLUMNS;
	if (machine.screen_at >= VGA_COLUMNS * VGA_ROWS)
		machine.screen_at = 0;
	if (c != '\n')
		cell[machine.screen_at++] = (uint16_t)(VGA_COLOUR | (uint8_t)c);
}

void
hal_panic_byte(char c)
{
	if (!machine.panic_open) {
		machine.panic_open = true;
		serial_open();
	}
	if (c == '\n')
		serial_byte('\r');
	serial_byte(c);
	screen_byte(c);
	hal_debug_byte(c);
}

void
hal_debug_byte(char c)
{
	if (DEBUG_COPY)
		out8(DEBUG_PORT, (uint8_t)c);
}

void
hal_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
