/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's educational device after docs/specs/edu.txt, with MSI: an edge for
 * each cause that is raised. A factorial takes a millisecond, a transfer 100.
 * Unlike QEMU's it does not end the machine when a transfer is out of bounds.
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/model.h"

enum {
	REGISTERS = 0x100,
	BUFFER = 0x40000,
	BUFFER_BYTES = 4096,
	RUN = 1,
	FROM_DEVICE = 2,
	INTERRUPT = 4,
	COMPUTING = 1,
	STATUS_INTERRUPT = 0x80,
	CAUSE_FACTORIAL = 1,
	CAUSE_DMA = 0x100,
};

#define FACTORIAL_TIME MILLISECOND
#define DMA_TIME       (100 * MILLISECOND)

struct edu {
	uint32_t liveness, factorial, status, causes;
	uint32_t source, destination, count, command;
	uint64_t factorial_at, dma_at;
	uint8_t  buffer[BUFFER_BYTES];
};

static void
power_on(struct harness *h)
{
	*(struct edu *)h->model = (struct edu){0};
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->message = 2;
	g->mmio[0] = (struct control_range){
	    .first = 0xfe000000, .bytes = 1 << 20};
}

static void
raise_cause(struct harness *h, struct edu *e, uint32_t cause)
{
	e->causes |= cause;
	model_interrupt(h, 0);
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	const struct edu *e = h->model;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4)
		model_complain(h, "not a 32-bit access");
	switch (offset) {
	case 0x00:
		return 0x010000ed;
	case 0x04:
		return e->liveness;
	case 0x08:
		return e->factorial;
	case 0x20:
		return e->status;
	case 0x24:
		return e->causes;
	case 0x80:
		return e->source;
	case 0x88:
		return e->destination;
	case 0x90:
		return e->count;
	case 0x98:
		return e->command;
	default:
		model_complain(h, "read at 0x%llx", (unsigned long long)offset);
		return UINT32_MAX;
	}
}

/* While a transfer runs its registers cannot be written. */
static void
dma_write(struct harness *h, struct edu *e, uint64_t offset, uint32_t value)
{
	if ((e->command & RUN) != 0) {
		model_complain(h, "the DMA engine runs");
		return;
	}
	switch (offset) {
	case 0x80:
		e->source = value;
		break;
	case 0x88:
		e->destination = value;
		break;
	case 0x90:
		e->count = value;
		break;
	default:
		e->command = value & (RUN | FROM_DEVICE | INTERRUPT);
		if ((value & RUN) == 0)
			break;
		e->dma_at = h->now + DMA_TIME;
		model_later(h, DMA_TIME);
	}
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct edu *e = h->model;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4)
		model_complain(h, "not a 32-bit access");
	switch (offset) {
	case 0x04:
		e->liveness = ~value;
		break;
	case 0x08:
		if ((e->status & COMPUTING) != 0) {
			model_complain(h, "it computes already");
			break;
		}
		e->factorial = value;
		e->status |= COMPUTING;
		e->factorial_at = h->now + FACTORIAL_TIME;
		model_later(h, FACTORIAL_TIME);
		break;
	case 0x20:
		e->status = (e->status & COMPUTING) |
		    (value & STATUS_INTERRUPT);
		break;
	case 0x60:
		raise_cause(h, e, value);
		break;
	case 0x64:
		e->causes &= ~value;
		break;
	case 0x80:
	case 0x88:
	case 0x90:
	case 0x98:
		dma_write(h, e, offset, value);
		break;
	default:
		model_complain(
		    h, "write at 0x%llx", (unsigned long long)offset);
	}
}

/* The last byte of the buffer is out of bounds in QEMU 7.2. */
static bool
within(uint32_t address, uint32_t bytes)
{
	return address >= BUFFER && address - BUFFER < BUFFER_BYTES &&
	    bytes < BUFFER_BYTES - (address - BUFFER);
}

static void
transfer(struct harness *h, struct edu *e)
{
	bool     out = (e->command & FROM_DEVICE) != 0;
	uint32_t inner = out ? e->source : e->destination;
	uint32_t outer = out ? e->destination : e->source;

	if (within(inner, e->count))
		(void)model_dma(
		    h, outer, e->buffer + (inner - BUFFER), e->count, out);
	else
		model_complain(h, "transfer out of bounds");
	e->command &= ~(uint32_t)RUN;
	if ((e->command & INTERRUPT) != 0)
		raise_cause(h, e, CAUSE_DMA);
}

static void
compute(struct harness *h, struct edu *e)
{
	uint32_t product = 1;

	for (uint32_t n = e->factorial; n > 1 && n < 1000; n--)
		product *= n;
	e->factorial = product;
	e->status &= ~(uint32_t)COMPUTING;
	if ((e->status & STATUS_INTERRUPT) != 0)
		raise_cause(h, e, CAUSE_FACTORIAL);
}

static void
step(struct harness *h)
{
	struct edu *e = h->model;

	if ((e->status & COMPUTING) != 0 && e->factorial_at <= h->now)
		compute(h, e);
	if ((e->command & RUN) != 0 && e->dma_at <= h->now)
		transfer(h, e);
	if ((e->status & COMPUTING) != 0)
		model_later(h, e->factorial_at - h->now);
	if ((e->command & RUN) != 0)
		model_later(h, e->dma_at - h->now);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct edu),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
