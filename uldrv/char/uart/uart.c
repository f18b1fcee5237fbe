/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550A serial line, 115200 baud, 8 bits, no parity, with FIFOs.
 *
 * The ISA interrupt is an edge: if any cause is left standing no other edge
 * comes, so serve drains until the device says that there is none.
 */
#include "devdb/uart.regs.h"
#include "uldrv/lib/char.h"

#define DRAIN_TIME (20 * MILLISECOND) /* 16 bytes take 1.4 ms. */

enum {
	FIFO_BYTES = 16,
	DIVISOR = 1, /* 1.8432 MHz / 16 / 115200 (NS16550 8.3). */
	SCRATCH = 0x5a,
	CAUSES_MOST = 256, /* Looks at the causes in one interrupt. */
	TRIGGER_14 = 3 << UART_FCR_TRIGGER_SHIFT,

	IER_IDLE = UART_IER_RX | UART_IER_LINE,
};

struct uart {
	bool sending; /* The transmitter interrupts when it is empty. */
};

/* Takes what has come in, and counts what went wrong with it. */
static void
receive(struct dev *d)
{
	struct char_errors *errors = char_errors(d);

	for (unsigned n = 0; n < CAUSES_MOST; n++) {
		uint8_t lsr = uart_read_LSR(d);

		/* All ones: the device is gone. */
		if (lsr == UINT8_MAX || (lsr & UART_LSR_READY) == 0)
			return;
		errors->overruns += (lsr & UART_LSR_OVERRUN) != 0;
		errors->framing += (lsr &
				       (UART_LSR_FRAMING | UART_LSR_PARITY)) !=
		    0;
		errors->breaks += (lsr & UART_LSR_BREAK) != 0;
		char_input(d, uart_read_RBR(d));
	}
}

/*
 * Fills the transmitter if it is empty, and arms its interrupt if more waits.
 * It is disarmed while it is filled: a fast line, or QEMU's, would interrupt
 * for each byte.
 */
static void
transmit(struct dev *d)
{
	struct uart *u = d->state;
	uint8_t      byte;

	if (!char_waiting(d) && !u->sending)
		return;
	if ((uart_read_LSR(d) & UART_LSR_THR_EMPTY) != 0) {
		if (u->sending)
			uart_write_IER(d, IER_IDLE);
		u->sending = false;
		for (unsigned i = 0; i < FIFO_BYTES && char_output(d, &byte);
		     i++)
			uart_write_THR(d, byte);
	}
	if (char_waiting(d) && !u->sending) {
		u->sending = true;
		uart_write_IER(d, IER_IDLE | UART_IER_TX);
	}
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	uint64_t ours = 0;

	for (unsigned n = 0; n < CAUSES_MOST; n++) {
		uint8_t iir = uart_read_IIR(d);

		if ((iir & UART_IIR_NONE) != 0)
			break;
		ours = irqs;
		receive(d);
		transmit(d);
		/* A modem status change is cleared by reading it. */
		(void)uart_read_MSR(d);
	}
	return ours;
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	(void)io;
	receive(d);
	transmit(d);
	return RC_OK;
}

static enum status
start(struct dev *d)
{
	struct uart *u = d->state;

	u->sending = false;
	uart_write_IER(d, 0);
	uart_write_LCR(d, UART_LCR_DLAB);
	uart_write_DLL(d, DIVISOR);
	uart_write_DLM(d, 0);
	uart_write_LCR(d, UART_LCR_BITS_MASK); /* 8n1 */
	uart_write_FCR(d,
	    UART_FCR_ENABLE | UART_FCR_RX_CLEAR | UART_FCR_TX_CLEAR |
		TRIGGER_14);
	/* OUT2 lets the interrupt through to the ISA line. */
	uart_write_MCR(d, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
	(void)uart_read_LSR(d);
	(void)uart_read_RBR(d);
	(void)uart_read_MSR(d);
	uart_write_IER(d, IER_IDLE);
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = uart_regions(d);

	if (st != RC_OK)
		return st;
	uart_write_SCR(d, SCRATCH);
	if (uart_read_SCR(d) != SCRATCH) {
		dev_remark(d, "no scratch register: not a 16550");
		return RC_NOT_FOUND;
	}
	dev_remark(d, "115200 8n1");
	return start(d);
}

static bool
is_idle(struct dev *d)
{
	return (uart_read_LSR(d) & UART_LSR_IDLE) != 0;
}

static void
leave(struct dev *d)
{
	uart_write_IER(d, 0);
	uart_write_MCR(d, 0);
}

static enum status
suspend(struct dev *d)
{
	/* What the transmitter holds goes out, unless the far end stops it. */
	(void)!dev_until(d, is_idle, DRAIN_TIME);
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "uart",
    .class = &char_class,
    .state_bytes = sizeof(struct uart),
    .probe = probe,
    .serve = serve,
    .request = request,
    .suspend = suspend,
    .resume = start,
    .remove = leave,
};
