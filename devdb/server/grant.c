/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocates what the plan says: each thing once, with the device's name as
 * its label. A failure leaves what was taken in its slots and the grant
 * incomplete; the next attempt begins with what is missing.
 */
#include "devdb/server/server.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/dma.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/range.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/char.h"
#include "uldrv/class/order.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/slot.h"

enum { RING_SPAN = 17, LABEL = 31 };

/* "DRIVER DEVICE" */
static size_t
label(const struct instance *n, char *out)
{
	size_t a = strnlen(driver_of(n)->name, 14);
	size_t b = strnlen(n->name, LABEL - 1 - a);

	memcpy(out, driver_of(n)->name, a);
	out[a] = ' ';
	memcpy(out + a + 1, n->name, b);
	return a + 1 + b;
}

/* The server's own window: no driver sees it. */
static size_t
table_label(const struct instance *n, char *out)
{
	return (size_t)snprintf(
	    out, LABEL + 1, "devdb: MSI-X of %.14s", n->name);
}

static bool
has(const struct instance *n, unsigned slot)
{
	bool present = false;

	if (inst_node(n, REG_RT) != RC_OK)
		return false;
	return slot_get(REG_RT, slot, REG_T1, &present) == RC_OK && present;
}

static enum status
grant_irq(struct instance *n, unsigned i)
{
	char        text[LABEL + 1];
	size_t      bytes = label(n, text);
	uint64_t    gsi = n->plan.irq[i].number, trigger = 1, polarity = 1;
	uint64_t    data = 0;
	enum status st = system_get(SLOT_IRQ_SPACE, REG_T0);

	if (has(n, INST_IRQ + i))
		return RC_OK;
	if (st != RC_OK)
		return st;
	switch ((enum plan_irq)n->plan.irq[i].kind) {
	case PLAN_MESSAGE:
		st = irq_space_alloc_msi(REG_T0,
		    server.device[n->device].function.id, text, bytes, REG_T1,
		    &n->message_address[i], &data);
		n->message_data[i] = (uint32_t)data;
		break;
	case PLAN_ISA:
		st = irq_space_isa_gsi(REG_T0, gsi, &gsi, &trigger, &polarity);
		if (st != RC_OK)
			return st;
		st = irq_space_alloc_line(
		    REG_T0, gsi, trigger, polarity, text, bytes, REG_T1);
		break;
	case PLAN_LINE:
		/* The router's ISA lines are as the MADT says; others low. */
		if (gsi < 16)
			st = irq_space_isa_gsi(
			    REG_T0, gsi, &gsi, &trigger, &polarity);
		if (st == RC_OK)
			st = irq_space_alloc_line(
			    REG_T0, gsi, 1, polarity, text, bytes, REG_T1);
		break;
	}
	return st != RC_OK ? st : inst_put(n, INST_IRQ + i, REG_T1);
}

static enum status
grant_ports(struct instance *n, unsigned i)
{
	char        text[LABEL + 1];
	size_t      bytes = label(n, text);
	enum status st = system_get(SLOT_PORT_SPACE, REG_T0);

	if (has(n, INST_PORT + i))
		return RC_OK;
	if (st == RC_OK)
		st = port_space_alloc(REG_T0, n->plan.port[i].first,
		    n->plan.port[i].count, text, bytes, REG_T1);
	return st != RC_OK ? st : inst_put(n, INST_PORT + i, REG_T1);
}

/* Where a window stands of which the driver gets a part, or none. */
static unsigned
whole_slot(const struct instance *n, unsigned i)
{
	unsigned slot = INST_WHOLE;

	for (unsigned k = 0; k < i; k++)
		slot += n->plan.mmio[k].part < n->plan.mmio[k].bytes;
	return slot;
}

/* Makes a part of the window in `whole`, once. */
static enum status
grant_part(struct instance *n, unsigned whole, uint64_t offset, uint64_t bytes,
    unsigned slot)
{
	enum status st;

	if (has(n, slot))
		return RC_OK;
	st = inst_get(n, whole, REG_T0);
	if (st == RC_OK)
		st = mmio_part(REG_T0, offset, bytes, REG_T1);
	return st != RC_OK ? st : inst_put(n, slot, REG_T1);
}

/* A window; the driver's part of it, and the MSI-X table's if it is there. */
static enum status
grant_mmio(struct instance *n, unsigned i)
{
	char        text[LABEL + 1];
	uint64_t    first = n->plan.mmio[i].address;
	uint64_t    bytes = n->plan.mmio[i].bytes;
	uint64_t    part = n->plan.mmio[i].part;
	uint64_t    table = n->plan.table_page;
	size_t      n_text = part == 0 ? table_label(n, text) : label(n, text);
	unsigned    slot = part < bytes ? whole_slot(n, i) : INST_MMIO + i;
	enum status st = system_get(SLOT_MMIO_SPACE, REG_T0);

	if (slot >= INST_SLOTS)
		return RC_LIMIT;
	if (st == RC_OK && !has(n, slot)) {
		st = mmio_space_alloc(
		    REG_T0, first, bytes, 0, text, n_text, REG_T1);
		if (st == RC_OK)
			st = inst_put(n, slot, REG_T1);
	}
	if (st == RC_OK && table >= first && table < first + bytes)
		st = grant_part(n, slot, table - first, PAGE_SIZE, INST_TABLE);
	if (st == RC_OK && part != 0 && part < bytes)
		st = grant_part(n, slot, 0, part, INST_MMIO + i);
	return st;
}

static enum status
grant_table(struct instance *n)
{
	char        text[LABEL + 1];
	size_t      bytes = table_label(n, text);
	enum status st = system_get(SLOT_MMIO_SPACE, REG_T0);

	if (st == RC_OK)
		st = mmio_space_alloc(REG_T0, n->plan.table_page, PAGE_SIZE, 0,
		    text, bytes, REG_T1);
	return st != RC_OK ? st : inst_put(n, INST_TABLE, REG_T1);
}

/* Another unit of the same function has its DMA space already. */
static enum status
shared_dma(struct instance *n)
{
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *o = &server.instance[i];

		if (o == n || !o->used || o->device != n->device ||
		    !has(o, INST_DMA))
			continue;
		return inst_put(n, INST_DMA, REG_T1);
	}
	return RC_TAKEN;
}

static enum status
grant_dma_space(struct instance *n)
{
	char        text[LABEL + 1];
	size_t      bytes = label(n, text);
	enum status st = system_get(SLOT_DMA_SPACES, REG_T0);

	if (has(n, INST_DMA))
		return RC_OK;
	if (st == RC_OK)
		st = dma_spaces_alloc(REG_T0,
		    server.device[n->device].function.id, n->plan.dma_bits,
		    text, bytes, REG_T1);
	if (st == RC_TAKEN)
		return shared_dma(n);
	return st != RC_OK ? st : inst_put(n, INST_DMA, REG_T1);
}

/* Buys a node that covers 2^17 bytes, for 32 pages. */
static enum status
page_node(struct instance *n, unsigned slot)
{
	enum status st;

	if (has(n, slot))
		return RC_OK;
	st = bank_node(REG_BANK, REG_T1);
	if (st == RC_OK)
		st = node_segment(REG_T1, RING_SPAN, REG_T1);
	return st != RC_OK ? st : inst_put(n, slot, REG_T1);
}

static uint64_t
position(const struct instance *n, unsigned at)
{
	return (uint64_t)index_of(n) * SERVER_POSITIONS + at;
}

/* Makes a frame of ours a page that the device reaches, in REG_T2. */
static enum status
reached_page(const struct instance *n, uint64_t at, uint64_t *address)
{
	enum status st = inst_get(n, INST_DMA, REG_T0);

	if (st == RC_OK)
		st = system_get(SLOT_RANGE, REG_T1);
	if (st == RC_OK)
		st = dma_page(REG_T0, at, REG_T1, REG_T2);
	/* An earlier attempt got so far: it is a page already. */
	if (st == RC_STATE)
		st = range_page(REG_T1, at, REG_T2);
	return st != RC_OK ? st : dma_map(REG_T0, REG_T2, address);
}

/* Page i of the memory that is the driver's own. */
static enum status
grant_dma_page(struct instance *n, unsigned i)
{
	enum status st = reached_page(
	    n, position(n, POSITION_DMA + i), &n->dma_address[i]);

	if (st == RC_OK)
		st = inst_get(n, INST_DMA_NODE, REG_T1);
	return st != RC_OK ? st : node_swap(REG_T1, i, REG_T2, REG_VOID);
}

/* Page i of the data area of its ring. */
static enum status
grant_data_page(struct instance *n, unsigned i)
{
	enum status st = reached_page(n, ring_position(n->ring, ORDER_DATA + i),
	    &n->dma_address[driver_of(n)->dma_pages + i]);

	if (st == RC_OK)
		st = inst_get(n, INST_RING_NODE, REG_T1);
	return st != RC_OK
	    ? st
	    : node_swap(REG_T1, ORDER_DATA + i, REG_T2, REG_VOID);
}

static enum status
grant_dma(struct instance *n)
{
	enum status st = grant_dma_space(n);

	if (st == RC_OK)
		st = page_node(n, INST_DMA_NODE);
	if (st == RC_OK && driver_of(n)->data_pages != 0)
		st = page_node(n, INST_RING_NODE);
	while (st == RC_OK && n->dma_granted < driver_of(n)->dma_pages) {
		st = grant_dma_page(n, n->dma_granted);
		if (st == RC_OK)
			n->dma_granted++;
	}
	if (st == RC_OK && driver_of(n)->data_pages != 0)
		st = ring_take(&n->ring);
	while (st == RC_OK && n->data_granted < driver_of(n)->data_pages) {
		st = grant_data_page(n, n->data_granted);
		if (st == RC_OK)
			n->data_granted++;
	}
	return st;
}

static enum status
grant_ring(struct instance *n, unsigned pages, uint32_t magic)
{
	enum status st = page_node(n, INST_RING_NODE);

	if (st == RC_OK)
		st = ring_take(&n->ring);
	for (unsigned i = 0; i < pages && st == RC_OK; i++) {
		st = system_get(SLOT_RANGE, REG_T0);
		if (st == RC_OK)
			st = range_page(
			    REG_T0, ring_position(n->ring, i), REG_T2);
		if (st == RC_OK && i == 0)
			st = page_write(REG_T2, 0, &magic, sizeof(magic));
		if (st == RC_OK)
			st = inst_get(n, INST_RING_NODE, REG_T1);
		if (st == RC_OK)
			st = node_swap(REG_T1, i, REG_T2, REG_VOID);
	}
	return st;
}

static enum status
grant_pages(struct instance *n)
{
	enum status st = system_get(SLOT_RANGE, REG_T0);

	if (st == RC_OK)
		st = range_page(REG_T0, position(n, POSITION_CONTROL), REG_T1);
	if (st == RC_OK)
		st = inst_put(n, INST_CONTROL, REG_T1);
	if (st == RC_OK && driver_of(n)->class == DEVDB_BLOCK)
		st = grant_ring(n, BLOCK_PAGES, BLOCK_MAGIC);
	if (st == RC_OK && devdb_has_bytes(driver_of(n)->class))
		st = grant_ring(n, CHAR_PAGES, CHAR_MAGIC);
	/* What a device cannot reach needs no DMA memory for its data. */
	if (st == RC_OK && devdb_has_orders(driver_of(n)->class))
		st = grant_ring(n,
		    ORDER_DATA + (n->plan.dma ? 0 : driver_of(n)->data_pages),
		    ORDER_MAGIC);
	return st;
}

/* The node that holds the nodes of 32 instances. */
static enum status
group_node(const struct instance *n)
{
	unsigned    slot = SLOT_INSTANCE + index_of(n) / NODE_SLOTS;
	bool        present = false;
	enum status st = slot_get(REG_NODE, slot, REG_T1, &present);

	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, REG_T1);
	return st != RC_OK ? st : system_put((enum server_slot)slot, REG_T1);
}

enum status
grant_node(struct instance *n)
{
	unsigned    slot = SLOT_INSTANCE + index_of(n) / NODE_SLOTS;
	enum status st;

	if (n->has_node)
		return RC_OK;
	st = group_node(n);
	if (st == RC_OK)
		st = bank_node(REG_BANK, REG_T1);
	if (st == RC_OK)
		st = system_get((enum server_slot)slot, REG_T0);
	if (st == RC_OK)
		st = node_swap(
		    REG_T0, index_of(n) % NODE_SLOTS, REG_T1, REG_VOID);
	n->has_node = st == RC_OK;
	return st;
}

enum status
grant(struct instance *n)
{
	const struct plan *p = &n->plan;
	enum status        st;

	if (n->granted)
		return RC_OK;
	st = grant_node(n);
	for (unsigned i = 0; i < p->nirqs && st == RC_OK; i++)
		st = grant_irq(n, i);
	for (unsigned i = 0; i < p->nports && st == RC_OK; i++)
		st = grant_ports(n, i);
	for (unsigned i = 0; i < CONTROL_MMIO && st == RC_OK; i++)
		if (p->mmio[i].bytes != 0)
			st = grant_mmio(n, i);
	if (st == RC_OK && p->table_page != 0 && !has(n, INST_TABLE))
		st = grant_table(n);
	if (st == RC_OK && p->dma)
		st = grant_dma(n);
	if (st == RC_OK)
		st = grant_pages(n);
	n->granted = st == RC_OK;
	return st;
}
