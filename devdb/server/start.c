/* SPDX-License-Identifier: BSD-2-Clause */
/* Building a driver's process and giving it all it will ever hold. */
#include "devdb/server/server.h"

#include <string.h>

#include "kernel/abi/dma.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/block_client.stub.h"
#include "uldrv/class/char.h"
#include "uldrv/class/order.h"
#include "userland/rt/build.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

static struct driver_control control; /* 4 KiB: not on the stack. */

_Static_assert(offsetof(struct char_ring, generation) ==
	offsetof(struct order_control, generation),
    "attach_ring writes either");
_Static_assert(offsetof(struct order_control, data_bytes) ==
	offsetof(struct order_control, generation) + 4,
    "and this with it");

/* What the driver is told; `said` begins at zero. */
static enum status
tell(struct instance *n)
{
	struct control_given *g = &control.given;
	const struct device  *d = &server.device[n->device];
	const struct plan    *p = &n->plan;
	enum status           st;

	memset(&control, 0, sizeof(control));
	g->magic = CONTROL_MAGIC;
	g->suspended = n->suspend;
	g->generation = n->policy.generation;
	g->bus = d->board.bus;
	g->unit = n->unit;
	g->irqs = p->nirqs;
	g->ports = p->nports;
	g->dma_pages = p->dma ? driver_of(n)->dma_pages : 0;
	g->data_pages = (uint8_t)driver_of(n)->data_pages;
	g->windows = driver_of(n)->windows;
	g->source_id = d->function.id;
	g->address_bits = p->dma_bits;
	g->enforced = server.enforced;
	g->message = p->nirqs > 0 && p->irq[0].kind == PLAN_MESSAGE
	    ? (p->table_page != 0 ? 1 : 2)
	    : 0;
	if (driver_of(n)->firmware)
		g->firmware_bytes = (uint32_t)server.firmware_bytes;
	memcpy(g->name, n->name, sizeof(g->name));
	for (unsigned i = 0; i < p->nports; i++)
		g->port[i] = (struct control_range){
		    .first = p->port[i].first, .bytes = p->port[i].count};
	for (unsigned i = 0; i < CONTROL_MMIO; i++)
		if (p->mmio[i].part > p->mmio[i].skip)
			g->mmio[i] = (struct control_range){
			    .first = p->mmio[i].address + p->mmio[i].skip,
			    .bytes = p->mmio[i].part - p->mmio[i].skip,
			    .skip = p->mmio[i].skip,
			};
	memcpy(g->dma_address, n->dma_address, sizeof(g->dma_address));
	memcpy(g->config, d->function.config, sizeof(g->config));
	st = inst_get(n, INST_CONTROL, REG_T0);
	return st != RC_OK ? st
			   : page_write(REG_T0, 0, &control, sizeof(control));
}

/*
 * Bank and image: of a boot driver our own; of an added one what the catalogue
 * has supplied, in frames of the bank that it was given for that.
 */
static enum status
program(struct instance *n, struct build_plan *plan)
{
	const struct image *image;
	enum status         st;

	if (driver_of(n)->added) {
		plan->segment = REG_T3;
		plan->entry = n->entry;
		plan->fs_base = n->fs_base;
		return inst_get(n, INST_SUBBANK, REG_SUBBANK);
	}
	image = &driver_images[driver_of(n)->image];
	plan->image = image->first;
	plan->image_bytes = (size_t)(image->end - image->first);
	st = bank_sub_bank(REG_BANK, DRIVER_FRAMES, REG_SUBBANK);
	return st != RC_OK ? st : inst_put(n, INST_SUBBANK, REG_SUBBANK);
}

static enum status
build(struct instance *n)
{
	struct build_plan plan = {
	    .name = driver_of(n)->name,
	    .bank = REG_SUBBANK,
	    .schedule = REG_LEVEL,
	    .keeper = REG_KEEPER,
	    .scratch = {REG_T0, REG_T1, REG_T2, REG_T3},
	};
	enum status st = program(n, &plan);

	if (st == RC_OK)
		st = system_get(SLOT_SCHEDULES, REG_T0);
	if (st == RC_OK)
		st = schedule_lower(REG_T0, driver_of(n)->priority, REG_LEVEL);
	/*
	 * The bus domain has no keeper: it would have to wait for us while we
	 * wait for it.
	 */
	plan.keeper = REG_VOID;
	if (st == RC_OK && driver_of(n)->class != DEVDB_BUS) {
		st = process_make_start(
		    REG_PROCESS, DEVDB_KEEPER + index_of(n), REG_KEEPER);
		plan.keeper = REG_KEEPER;
	}
	if (st == RC_OK)
		st = inst_get(n, INST_IMAGE, REG_T3);
	if (st == RC_OK)
		st = build_process(&plan, REG_DRIVER, REG_SPACE);
	if (st == RC_OK)
		st = inst_put(n, INST_PROCESS, REG_DRIVER);
	return st;
}

static enum status
map_one(struct instance *n, unsigned slot, enum driver_slot where)
{
	enum status st = inst_get(n, slot, REG_T0);

	return st != RC_OK ? st : node_swap(REG_SPACE, where, REG_T0, REG_VOID);
}

static enum status
map_all(struct instance *n)
{
	const struct catalogue_driver *d = driver_of(n);
	enum status st = map_one(n, INST_CONTROL, DRIVER_SLOT_CONTROL);

	if (st == RC_OK &&
	    (d->class == DEVDB_BLOCK || devdb_has_bytes(d->class) ||
		devdb_has_orders(d->class)))
		st = map_one(n, INST_RING_NODE, DRIVER_SLOT_RING);
	if (st == RC_OK && n->plan.dma && d->dma_pages != 0)
		st = map_one(n, INST_DMA_NODE, DRIVER_SLOT_DMA);
	for (unsigned i = 0; i < CONTROL_MMIO && st == RC_OK; i++)
		if (n->plan.mmio[i].part != 0)
			st = map_one(n, INST_MMIO + i,
			    (enum driver_slot)(DRIVER_SLOT_MMIO + i));
	if (st == RC_OK && d->firmware && server.firmware_bytes != 0) {
		st = system_get(SLOT_FIRMWARE, REG_T0);
		if (st == RC_OK)
			st = node_swap(
			    REG_SPACE, DRIVER_SLOT_FIRMWARE, REG_T0, REG_VOID);
	}
	return st;
}

static enum status
install(unsigned where, capreg cap)
{
	return process_swap(REG_DRIVER, where, cap, REG_VOID);
}

/* Interrupts come as notices of this instance from now on. */
static enum status
install_irq(struct instance *n, unsigned i)
{
	enum status st = inst_get(n, INST_IRQ + i, REG_T0);

	if (st == RC_OK)
		st = install(DRIVER_REG_IRQ + i, REG_T0);
	if (st == RC_OK)
		st = process_make_notice(REG_DRIVER, NOTICE_IRQ + i, REG_T1);
	return st != RC_OK ? st : irq_bind(REG_T0, REG_T1);
}

static enum status
install_notices(struct instance *n)
{
	enum status st;

	st = process_make_notice(REG_DRIVER, NOTICE_ALARM, REG_T0);
	if (st == RC_OK)
		st = install(DRIVER_REG_ALARM, REG_T0);
	if (st == RC_OK)
		st = process_make_notice(REG_DRIVER, NOTICE_BEAT, REG_T0);
	if (st == RC_OK)
		st = inst_put(n, INST_BEAT, REG_T0);
	if (st == RC_OK)
		st = process_make_notice(REG_DRIVER, NOTICE_DOORBELL, REG_T0);
	if (st == RC_OK)
		st = inst_put(n, INST_DOORBELL, REG_T0);
	return st;
}

/* What its device reaches it may see; the pages were mapped for it. */
static enum status
install_dma(struct instance *n)
{
	enum status st = inst_get(n, INST_DMA, REG_T0);

	if (st == RC_OK)
		st = dma_restrict(REG_T0, CR_READ_ONLY, REG_T0);
	return st != RC_OK ? st : install(DRIVER_REG_DMA, REG_T0);
}

static enum status
install_all(struct instance *n)
{
	enum status st = install(DRIVER_REG_LOG, REG_LOG);

	if (st == RC_OK)
		st = install(DRIVER_REG_CLOCK, REG_CLOCK);
	for (unsigned i = 0; i < n->plan.nports && st == RC_OK; i++) {
		st = inst_get(n, INST_PORT + i, REG_T0);
		if (st == RC_OK)
			st = install(DRIVER_REG_PORTS + i, REG_T0);
		if (st == RC_OK && i == 0)
			st = install(SLOT_IO, REG_T0);
	}
	if (st == RC_OK && n->plan.dma)
		st = install_dma(n);
	if (st == RC_OK)
		st = install_notices(n);
	for (unsigned i = 0; i < n->plan.nirqs && st == RC_OK; i++)
		st = install_irq(n, i);
	return st;
}

/*
 * The driver has found a disk: tells the store, gives the driver what comes
 * back, and rings it, for it waits for the ring to be begun. The store is rung
 * as well: it has put requests into the ring and rung the driver already, whose
 * answers so far went to nobody but us (hear).
 */
enum status
instance_attach(struct instance *n)
{
	enum status st = disk_number(n);

	if (st == RC_OK)
		st = inst_get(n, INST_PROCESS, REG_DRIVER);
	if (st == RC_OK)
		st = process_get(REG_DRIVER, SLOT_SPACE, REG_SPACE);
	if (st == RC_OK)
		st = inst_get(n, INST_RING_NODE, REG_T0);
	if (st == RC_OK)
		st = inst_get(n, INST_DMA, REG_T1);
	if (st == RC_OK)
		st = inst_get(n, INST_DOORBELL, REG_T2);
	if (st == RC_OK)
		st = system_get(SLOT_STORE, REG_T3);
	if (st == RC_OK)
		st = block_client_attach(REG_T3, n->disk, n->policy.generation,
		    driver_of(n)->windows, REG_T0, REG_T1, REG_T2, REG_T0,
		    REG_T1);
	if (st == RC_OK)
		st = inst_put(n, INST_CLIENT, REG_T0);
	if (st == RC_OK)
		st = install(DRIVER_REG_CLIENT, REG_T0);
	if (st == RC_OK && driver_of(n)->windows != 0)
		st = node_swap(REG_SPACE, DRIVER_SLOT_WINDOW, REG_T1, REG_VOID);
	if (st == RC_OK) {
		notice_set(REG_T2);
		notice_set(REG_T0);
	}
	n->attached = st == RC_OK;
	n->store_asked = false;
	if (st == RC_OK)
		disk_attach(n);
	return st;
}

/* Until it has a client the driver's doorbell is ours: it says that it is up.
 */
enum status
power_hear(void)
{
	enum status st;

	st = process_make_notice(REG_PROCESS, NOTICE_UP, REG_T0);
	return st != RC_OK ? st : install(DRIVER_REG_CLIENT, REG_T0);
}

/*
 * The client sees another generation, and connects again. It stands at the
 * same place in all rings but the block class's; the size of the data area
 * follows it in the rings of classes that have one.
 */
static enum status
attach_ring(struct instance *n)
{
	uint32_t g[2] = {n->policy.generation,
	    driver_of(n)->data_pages * (uint32_t)PAGE_SIZE};
	size_t   bytes = devdb_has_orders(driver_of(n)->class) ? sizeof(g) : 4;
	enum status st = inst_get(n, INST_RING_NODE, REG_T0);

	if (st == RC_OK)
		st = node_get(REG_T0, 0, REG_T0);
	if (st == RC_OK)
		st = page_write(REG_T0,
		    offsetof(struct order_control, generation), g, bytes);
	if (n->client)
		doorbell_turn(n);
	if (st == RC_OK && n->client && !n->suspend) {
		st = inst_get(n, INST_CLIENT, REG_T0);
		if (st == RC_OK)
			st = install(DRIVER_REG_CLIENT, REG_T0);
		if (st == RC_OK)
			notice_set(REG_T0);
		return st;
	}
	return st == RC_OK ? power_hear() : st;
}

static enum status
attach(struct instance *n)
{
	enum status st = RC_OK;

	switch ((enum devdb_class)driver_of(n)->class) {
	case DEVDB_BLOCK:
		return power_hear();
	case DEVDB_CHAR:
	case DEVDB_TERMINAL:
	case DEVDB_TEST:
	case DEVDB_NET:
	case DEVDB_INPUT:
	case DEVDB_DISPLAY:
	case DEVDB_CLOCK:
	case DEVDB_ENTROPY:
		return attach_ring(n);
	case DEVDB_BUS:
		/* Its space, for the MSI-X tables: see bus.c. */
		st = inst_put(n, INST_DMA_NODE, REG_SPACE);
		/* Fall through. */
	case DEVDB_PLATFORM:
		if (st == RC_OK && driver_of(n)->class == DEVDB_PLATFORM)
			st = power_hear();
		if (st == RC_OK)
			st = process_make_start(REG_DRIVER, 0, REG_T0);
		if (st == RC_OK)
			st = inst_put(n, INST_START, REG_T0);
		if (st == RC_OK && driver_of(n)->class == DEVDB_BUS)
			st = system_put(SLOT_BUS, REG_T0);
		break;
	case DEVDB_CLASS_COUNT:
		break;
	}
	return st;
}

/*
 * The device is silent. It hears and masters the bus again only when all is
 * in place; the driver's first act is to reset it.
 */
enum status
instance_start(struct instance *n)
{
	enum status st = grant(n);

	n->attached = n->quiet = false;
	n->running = true; /* There is something to be taken down. */
	if (st == RC_OK)
		st = tell(n);
	if (st == RC_OK)
		st = build(n);
	if (st == RC_OK)
		st = map_all(n);
	if (st == RC_OK)
		st = install_all(n);
	if (st == RC_OK)
		st = attach(n);
	if (st == RC_OK)
		st = bus_enable(n);
	if (st == RC_OK)
		st = process_start(REG_DRIVER);
	return st;
}
