/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's educational device; manual/driver-tutorial.md builds this file. */
#include "devdb/edu.regs.h"
#include "uldrv/class/edu.h"
#include "uldrv/lib/order.h"

enum {
	BUFFER = 0x40000, /* Of the device, as its DMA engine sees it. */
	PATTERN = 0x5a5aa5a5,
	TO_DEVICE = EDU_DMA_COMMAND_RUN | EDU_DMA_COMMAND_INTERRUPT,
	FROM_DEVICE = TO_DEVICE | EDU_DMA_COMMAND_FROM_DEVICE,
};

struct edu {
	struct order_io io;         /* The order at work, */
	bool            busy, back; /* and in its second transfer. */
};

static bool
is_quiet(struct dev *d)
{
	return (edu_read_STATUS(d) & EDU_STATUS_COMPUTING) == 0 &&
	    (edu_read_DMA_COMMAND(d) & EDU_DMA_COMMAND_RUN) == 0;
}

/* It has no reset: what an earlier driver began must come to its end. */
static enum status
start(struct dev *d)
{
	if (!dev_until(d, is_quiet, 500 * MILLISECOND))
		return RC_TIMEOUT;
	edu_write_INTERRUPT_ACKNOWLEDGE(d, edu_read_INTERRUPT_STATUS(d));
	edu_write_STATUS(d, EDU_STATUS_INTERRUPT);
	((struct edu *)d->state)->busy = false;
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = edu_regions(d);
	uint32_t    id = edu_read_IDENTIFICATION(d);

	edu_write_LIVENESS(d, PATTERN);
	if (st != RC_OK || (uint8_t)id != EDU_IDENTIFICATION_DEVICE_EDU ||
	    edu_read_LIVENESS(d) != ~(uint32_t)PATTERN)
		return RC_NOT_FOUND;
	dev_remark(d, "edu %u.%u", id >> 24, id >> 16 & 0xff);
	return start(d);
}

static void
transfer(struct dev *d, uint64_t source, uint64_t destination, uint32_t command)
{
	edu_write_DMA_SOURCE(d, (uint32_t)source);
	edu_write_DMA_DESTINATION(d, (uint32_t)destination);
	edu_write_DMA_COUNT(d, ((struct edu *)d->state)->io.bytes);
	edu_write_DMA_COMMAND(d, command);
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct edu *e = d->state;

	if (io->op == EDU_FACTORIAL ? io->argument > EDU_MOST
				    : !order_within(d, io->argument, io->bytes))
		return RC_ARGUMENT;
	if (e->busy)
		return RC_BUSY;
	*e = (struct edu){.io = *io, .busy = true};
	if (io->op == EDU_FACTORIAL)
		edu_write_FACTORIAL(d, (uint32_t)io->argument);
	else
		transfer(d, order_bus(d, io->offset), BUFFER, TO_DEVICE);
	return RC_OK;
}

/* Clears the causes, then goes on with the order that waited for them. */
static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct edu *e = d->state;
	uint32_t    causes = edu_read_INTERRUPT_STATUS(d);

	if (causes == UINT32_MAX || causes == 0)
		return 0;
	edu_write_INTERRUPT_ACKNOWLEDGE(d, causes);
	if (!e->busy || !is_quiet(d))
		return irqs;
	e->busy = e->back = e->io.op == EDU_COPY && !e->back;
	if (e->back)
		transfer(d, BUFFER, order_bus(d, e->io.argument), FROM_DEVICE);
	else
		order_complete(
		    d, e->io.slot, RC_OK, e->io.bytes, edu_read_FACTORIAL(d));
	return irqs;
}

static void
expired(struct dev *d)
{
	d->control->said.resets++;
	order_complete_all(d, RC_TIMEOUT);
	if (start(d) != RC_OK)
		dev_fail(d, RC_TIMEOUT);
}

const struct driver driver = {
    .name = "edu",
    .class = &test_class,
    .state_bytes = sizeof(struct edu),
    .deadline = 2 * SECOND,
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .suspend = start,
    .resume = start,
};
