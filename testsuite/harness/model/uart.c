/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550A after National's data sheet: FIFOs of 16, the interrupt causes in
 * their order, an edge when the line rises. A byte takes 87 microseconds to
 * go out (115200 baud). What went out stands in uart_sent.
 */
#include "testsuite/harness/model/uart.h"

#include <string.h>

enum { BYTE_TIME = 87000, FIFO = 16 };

struct uart_sent uart_sent;

struct uart_model {
	uint8_t ier, lcr, mcr, scr, dll, dlm;
	uint8_t rx[FIFO], tx[FIFO];
	uint8_t nrx, ntx;
	bool    overrun, thr_cause, high;
};

static uint8_t
cause(const struct uart_model *m)
{
	if ((m->ier & 4) != 0 && m->overrun)
		return 6;
	if ((m->ier & 1) != 0 && m->nrx != 0)
		return 4;
	if ((m->ier & 2) != 0 && m->thr_cause)
		return 2;
	return 1;
}

static void
update(struct harness *h, struct uart_model *m)
{
	bool high = cause(m) != 1 && (m->mcr & 8) != 0;

	if (high && !m->high)
		model_interrupt(h, 0);
	m->high = high;
}

static void
power_on(struct harness *h)
{
	*(struct uart_model *)h->model = (struct uart_model){0};
	uart_sent.count = 0;
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x3f8, .bytes = 8};
}

void
uart_receive(struct harness *h, uint8_t byte)
{
	struct uart_model *m = h->model;

	if (m->nrx == FIFO)
		m->overrun = true;
	else
		m->rx[m->nrx++] = byte;
	update(h, m);
}

static uint32_t
take(struct harness *h, struct uart_model *m)
{
	uint8_t byte = m->rx[0];

	if (m->nrx == 0)
		return 0;
	memmove(m->rx, m->rx + 1, --m->nrx);
	update(h, m);
	return byte;
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct uart_model *m = h->model;
	bool               dlab = (m->lcr & 0x80) != 0;
	uint32_t           v;

	(void)kind;
	(void)resource;
	(void)bytes;
	switch (offset) {
	case 0:
		return dlab ? m->dll : take(h, m);
	case 1:
		return dlab ? m->dlm : m->ier;
	case 2:
		v = cause(m) | 0xc0u;
		/* Reading it as the cause takes THR empty back (8.5). */
		if ((v & 15) == 2)
			m->thr_cause = false;
		update(h, m);
		return v;
	case 3:
		return m->lcr;
	case 4:
		return m->mcr;
	case 5:
		v = (m->nrx != 0 ? 1u : 0) | (m->overrun ? 2u : 0) |
		    (m->ntx == 0 ? 0x60u : 0);
		m->overrun = false;
		update(h, m);
		return v;
	case 6:
		return 0xb0;
	default:
		return m->scr;
	}
}

static void
send(struct harness *h, struct uart_model *m, uint8_t byte)
{
	if (m->ntx == FIFO) {
		model_complain(h, "the transmitter was overrun");
		return;
	}
	m->tx[m->ntx++] = byte;
	m->thr_cause = false;
	update(h, m);
	model_later(h, BYTE_TIME);
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct uart_model *m = h->model;
	bool               dlab = (m->lcr & 0x80) != 0;
	uint8_t            v = (uint8_t)value;

	(void)kind;
	(void)resource;
	(void)bytes;
	switch (offset) {
	case 0:
		if (dlab)
			m->dll = v;
		else
			send(h, m, v);
		break;
	case 1:
		if (dlab) {
			m->dlm = v;
			break;
		}
		/* Turning it on while empty is a cause at once (8.6). */
		if ((v & 2) != 0 && (m->ier & 2) == 0 && m->ntx == 0)
			m->thr_cause = true;
		m->ier = v & 15;
		update(h, m);
		break;
	case 2:
		if ((v & 2) != 0)
			m->nrx = 0;
		if ((v & 4) != 0)
			m->ntx = 0;
		update(h, m);
		break;
	case 3:
		m->lcr = v;
		break;
	case 4:
		m->mcr = v;
		update(h, m);
		break;
	case 7:
		m->scr = v;
		break;
	default:
		break;
	}
}

static void
step(struct harness *h)
{
	struct uart_model *m = h->model;

	if (m->ntx == 0)
		return;
	if (uart_sent.count < sizeof(uart_sent.byte))
		uart_sent.byte[uart_sent.count++] = m->tx[0];
	memmove(m->tx, m->tx + 1, --m->ntx);
	if (m->ntx == 0)
		m->thr_cause = true;
	else
		model_later(h, BYTE_TIME);
	update(h, m);
}

const struct model_ops model = {
    .bytes = sizeof(struct uart_model),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
