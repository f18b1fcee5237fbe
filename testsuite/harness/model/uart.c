/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16550A after National's data sheet: FIFOs of 16, the interrupt causes in
 * their order, an edge when the line rises. A byte takes 87 microseconds to
 * go out (115200 baud). What went out stands in far_sent.
 */
#include "testsuite/harness/far.h"
#include "testsuite/harness/model/model.h"

#include <string.h>

#include "testsuite/harness/compare.h"

enum { BYTE_TIME = 87000, FIFO = 16 };

struct far_sent far_sent;

static const uint8_t triggers[4] = {1, 4, 8, 14};

struct uart_model {
	uint8_t ier, lcr, mcr, scr, dll, dlm;
	uint8_t rx[FIFO], tx[FIFO];
	uint8_t nrx, ntx, trigger;
	bool    overrun, thr_cause, high;
};

static uint8_t
cause(const struct uart_model *m)
{
	if ((m->ier & 4) != 0 && m->overrun)
		return 6;
	/* Fewer than the trigger: the time-out is taken to have passed. */
	if ((m->ier & 1) != 0 && m->nrx != 0)
		return m->nrx >= m->trigger ? 4 : 12; /* 12: it waits (8.5). */
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
	far_sent.count = 0;
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x3f8, .bytes = 8};
}

void
far_look(struct harness *h)
{
	(void)h;
}

void
far_receive(struct harness *h, uint8_t byte)
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
step(struct harness *h)
{
	struct uart_model *m = h->model;

	if (m->ntx == 0)
		return;
	if (far_sent.count < sizeof(far_sent.byte))
		far_sent.byte[far_sent.count++] = m->tx[0];
	memmove(m->tx, m->tx + 1, --m->ntx);
	if (m->ntx == 0)
		m->thr_cause = true;
	else
		model_later(h, BYTE_TIME);
	update(h, m);
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
	if (h->prompt)
		step(h);
	else
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
		m->trigger = triggers[v >> 6];
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

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct uart_model),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
