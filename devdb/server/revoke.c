/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking everything back: when a driver is removed, or its device is gone.
 * Unlike a restart, which keeps rings, DMA memory and the device's
 * capabilities for the next instance (invariant 2), nothing stays.
 */
#include "devdb/server/server.h"

#include "kernel/abi/dma.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/ports.stub.h"
#include "kernel/abi/range.stub.h"
#include "uldrv/class/block_client.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"

/* The device's capabilities: dead for whoever holds them. */
static void
release_device(const struct instance *n)
{
	for (unsigned i = 0; i < CONTROL_IRQS; i++)
		if (inst_get(n, INST_IRQ + i, REG_T0) == RC_OK)
			ignore_status(irq_release(REG_T0));
	for (unsigned i = 0; i < CONTROL_PORTS; i++)
		if (inst_get(n, INST_PORT + i, REG_T0) == RC_OK)
			ignore_status(ports_release(REG_T0));
	/* Parts before the wholes, with which they would die. */
	for (unsigned i = INST_MMIO; i <= INST_TABLE; i++)
		if (inst_get(n, i, REG_T0) == RC_OK)
			ignore_status(mmio_release(REG_T0));
	for (unsigned i = 0; i < INSTANCE_WHOLES; i++)
		if (inst_get(n, INST_WHOLE + i, REG_T0) == RC_OK)
			ignore_status(mmio_release(REG_T0));
}

/* A client may still have its ring mapped: that goes a little later. */
static void
release_memory(struct instance *n)
{
	uint64_t first = (uint64_t)index_of(n) * SERVER_POSITIONS;

	if (inst_get(n, INST_DMA, REG_T0) == RC_OK && n->plan.dma &&
	    dma_release(REG_T0) == RC_BUSY)
		log_printf(
		    "devdb: %s: its DMA space is still in use\n", n->name);
	rings_release(n);
	if (n->client)
		ring_retire(&n->ring, NULL);
	else
		ring_drop(&n->ring);
	for (unsigned i = INST_DMA_NODE; i <= INST_RING_NODE; i++)
		if (inst_get(n, i, REG_T0) == RC_OK)
			ignore_status(bank_free(REG_BANK, REG_T0));
	if (system_get(SLOT_RANGE, REG_T0) != RC_OK)
		return;
	for (unsigned i = 0; i < SERVER_POSITIONS; i++)
		ignore_status(range_free(REG_T0, first + i));
}

/* Its client finds the disk, or the ring, gone. */
static void
tell_client(struct instance *n)
{
	if (driver_of(n)->class == DEVDB_BLOCK && n->disk != NONE &&
	    system_get(SLOT_STORE, REG_T0) == RC_OK)
		disk_number_back(
		    n, block_client_detach(REG_T0, n->disk, RC_VOID));
	handles_revoke(n);
}

static void
clear(const struct instance *n)
{
	if (inst_node(n, REG_T0) == RC_OK)
		ignore_status(node_clear(REG_T0));
}

static void
revoke(struct instance *n)
{
	tell_client(n);
	if (n->has_node) {
		release_device(n);
		release_memory(n);
		disk_revoke(n);
		clear(n);
	}
	/* Its node stays for the next that has this place. */
	*n = (struct instance){.has_node = n->has_node, .disk = NONE};
}

void
device_unbind(struct device *d)
{
	unsigned which = (unsigned)(d - server.device);

	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used &&
		    server.instance[i].device == which)
			instance_stop(&server.instance[i]);
	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used &&
		    server.instance[i].device == which)
			revoke(&server.instance[i]);
	d->driver = NONE;
	d->state = DEVDB_UNDRIVEN;
	d->reason[0] = '\0';
}
