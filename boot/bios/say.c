/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/say.h"

#include "boot/bios/bios.h"
#include "boot/bios/bootrecord.h"
#include "boot/bios/format.h"
#include "boot/handoff/handoff.h"

/* TI PC16550D data sheet, section 8: registers at COM1. */
enum {
	UART = 0x3f8,
	UART_DIVISOR = UART + 0, /* And + 1, while LCR has bit 7. */
	UART_LCR = UART + 3,
	UART_LSR = UART + 5,
	LCR_8N1 = 0x03,
	LCR_DIVISOR = 0x80,
	LSR_EMPTY = 0x20,
	UART_PATIENCE = 100000, /* Looks at LSR; there may be no port. */
};

static size_t log_length;

void
say_start(void)
{
	port_write(UART_LCR, LCR_8N1 | LCR_DIVISOR);
	port_write(UART_DIVISOR, 1); /* 115200 baud. */
	port_write(UART_DIVISOR + 1, 0);
	port_write(UART_LCR, LCR_8N1);
	log_length = 0;
}

static void
put(char c)
{
	/* INT 10h AH = 0Eh: teletype output on page 0. */
	struct bios_regs r = {.eax = 0x0e00u | (uint8_t)c, .ebx = 7};

	for (int n = 0; n < UART_PATIENCE; n++) {
		if (port_read(UART_LSR) & LSR_EMPTY)
			break;
	}
	port_write(UART, (uint8_t)c);
	bios_call(0x10, &r);
}

static void
put_text(const char *text)
{
	char *log = ((struct handoff *)HANDOFF_ADDRESS)->log;

	for (; *text != '\0'; text++) {
		if (log_length < HANDOFF_LOG_SIZE - 1)
			log[log_length++] = *text;
		if (*text == '\n')
			put('\r');
		put(*text);
	}
}

void
say(const char *format, ...)
{
	char    line[160];
	va_list args;

	va_start(args, format);
	format_text(line, sizeof(line), format, args);
	va_end(args);
	put_text("anteros boot: ");
	put_text(line);
	put_text("\n");
}

void
stop(const char *step, const char *advice)
{
	say("stopped: %s", step);
	say("%s", advice);
	for (;;)
		__asm__ volatile("cli; hlt");
}
