/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server asks of the bus domain for one instance. */
#include "devdb/server/server.h"

#include "kernel/abi/node.stub.h"
#include "uldrv/class/pci.stub.h"

/* Is another instance of the same function running? */
static bool
shared(const struct instance *n)
{
	for (unsigned i = 0; i < server.instances; i++) {
		const struct instance *o = &server.instance[i];

		if (o != n && o->device == n->device && o->running)
			return true;
	}
	return false;
}

static const struct pci_function *
function_of(const struct instance *n)
{
	const struct device *d = &server.device[n->device];

	return d->board.bus == CONTROL_BUS_PCI ? &d->function : NULL;
}

enum status
bus_silence(const struct instance *n)
{
	const struct pci_function *f = function_of(n);
	enum status                st;

	/* The other channel's driver needs the function. */
	if (f == NULL || shared(n))
		return RC_OK;
	st = system_get(SLOT_BUS, REG_T0);
	return st != RC_OK ? st : pci_silence(REG_T0, f->id);
}

/* Writes one message into the device; the table page is mapped for that. */
static enum status
program(const struct instance *n, const struct pci_function *f, unsigned i)
{
	enum status st = RC_OK;
	uint64_t    at = n->plan.table_skip + 16u * n->plan.irq[i].number;

	if (n->plan.table_page != 0) {
		st = inst_get(n, INST_TABLE, REG_T1);
		/* The bus domain's space: the root node that we built. */
		if (st == RC_OK)
			st = inst_get(
			    &server.instance[0], INST_DMA_NODE, REG_T2);
		if (st == RC_OK)
			st = node_swap(
			    REG_T2, DRIVER_SLOT_MMIO, REG_T1, REG_VOID);
	}
	if (st == RC_OK)
		st = pci_message(REG_T0, f->id, at, n->message_address[i],
		    n->message_data[i]);
	return st;
}

enum status
bus_enable(const struct instance *n)
{
	const struct pci_function *f = function_of(n);
	bool                       line = false;
	enum status                st;

	if (f == NULL)
		return RC_OK;
	st = system_get(SLOT_BUS, REG_T0);
	for (unsigned i = 0; i < n->plan.nirqs && st == RC_OK; i++) {
		line |= n->plan.irq[i].kind == PLAN_LINE;
		if (n->plan.irq[i].kind == PLAN_MESSAGE)
			st = program(n, f, i);
	}
	if (st == RC_OK)
		st = pci_enable(
		    REG_T0, f->id, driver_of(n)->bus_master ? 1 : 0, line);
	return st;
}

enum status
bus_reset(const struct instance *n)
{
	const struct pci_function *f = function_of(n);
	uint64_t                   reached;
	enum status                st;

	if (f == NULL || shared(n))
		return RC_OK;
	st = system_get(SLOT_BUS, REG_T0);
	return st != RC_OK ? st : pci_reset(REG_T0, f->id, &reached);
}
