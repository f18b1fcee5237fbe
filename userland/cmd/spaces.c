/* SPDX-License-Identifier: BSD-2-Clause */
/* irq, ports, mmio, dma: what the kernel's device spaces have given out. */
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/registers.h"

union record {
	struct irq_info  irq;
	struct port_info ports;
	struct mmio_info mmio;
	struct dma_info  dma;
};

struct listing {
	enum shell_slot slot;
	const char     *head;
	size_t          bytes; /* Of a record; a shorter one is refused. */
	/* Asks for the index-th record, and how many there are. */
	enum status (*query)(
	    uint64_t index, union record *r, size_t *bytes, uint64_t *count);
	void (*format)(char *line, const union record *r);
};

/* Asks for records until there are no more; false after a failure. */
static bool
list(struct command_call *c, const struct listing *l)
{
	uint64_t count = 1;

	if (!command_alone(c) || !command_fetch(c, l->slot, REG_T0))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		union record r;
		char         line[FORMAT_BYTES];
		size_t       bytes = 0;
		enum status  st = l->query(i, &r, &bytes, &count);

		if (i == 0 && (st == RC_OK || st == RC_NOT_FOUND))
			term_text(c->out, l->head);
		if (st == RC_NOT_FOUND)
			break;
		if (st == RC_OK && bytes < l->bytes)
			st = RC_STRING;
		if (st != RC_OK) {
			command_failed(c, st);
			return false;
		}
		l->format(line, &r);
		term_text(c->out, line);
	}
	return true;
}

static enum status
irq_query(uint64_t index, union record *r, size_t *bytes, uint64_t *count)
{
	return irq_space_query(REG_T0, index, r, sizeof(*r), bytes, count);
}

static void
irq_line(char *line, const union record *r)
{
	format_irq(line, &r->irq);
}

void
cmd_irq(struct command_call *c)
{
	const struct listing l = {SHELL_IRQ_SPACE, format_irq_head,
	    sizeof(struct irq_info), irq_query, irq_line};

	(void)list(c, &l);
}

static enum status
ports_query(uint64_t index, union record *r, size_t *bytes, uint64_t *count)
{
	return port_space_query(REG_T0, index, r, sizeof(*r), bytes, count);
}

static void
ports_line(char *line, const union record *r)
{
	format_ports(line, &r->ports);
}

void
cmd_ports(struct command_call *c)
{
	const struct listing l = {SHELL_PORT_SPACE, format_ports_head,
	    sizeof(struct port_info), ports_query, ports_line};

	(void)list(c, &l);
}

static enum status
mmio_query(uint64_t index, union record *r, size_t *bytes, uint64_t *count)
{
	return mmio_space_query(REG_T0, index, r, sizeof(*r), bytes, count);
}

static void
mmio_line(char *line, const union record *r)
{
	format_mmio(line, &r->mmio);
}

void
cmd_mmio(struct command_call *c)
{
	const struct listing l = {SHELL_MMIO_SPACE, format_mmio_head,
	    sizeof(struct mmio_info), mmio_query, mmio_line};

	(void)list(c, &l);
}

static uint64_t dma_enforced;

static enum status
dma_query(uint64_t index, union record *r, size_t *bytes, uint64_t *count)
{
	return dma_spaces_query(
	    REG_T0, index, r, sizeof(*r), bytes, count, &dma_enforced);
}

static void
dma_line(char *line, const union record *r)
{
	format_dma(line, &r->dma);
}

void
cmd_dma(struct command_call *c)
{
	const struct listing l = {SHELL_DMA_SPACES, format_dma_head,
	    sizeof(struct dma_info), dma_query, dma_line};

	dma_enforced = 0;
	if (list(c, &l))
		term_printf(c->out, "DMA is %s\n",
		    dma_enforced != 0 ? "enforced by an IOMMU"
				      : "not enforced: no IOMMU in use");
}
