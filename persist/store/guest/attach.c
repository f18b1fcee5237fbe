/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BlockClient: devdb's server connects a disk, again after each death of its
 * driver (uldrv/class/README.md). Answered at once, whatever the disk does.
 *
 * The request's capabilities stand in REG_IN0 to REG_IN2 and the right to
 * answer in REG_RESUME, so the stubs here use no other register.
 */
#include "kernel/abi/cache.stub.h"
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "persist/store/guest/guest.h"
#include "uldrv/class/block_client.serve.h"
#include "userland/rt/log.h"

/*
 * The pages through which blocks of our own pass (F9: ephemeral). Each disk
 * has its own: two that are probed at once must not meet, and what one of
 * them can address another perhaps cannot. They stay with the number: the next
 * disk that has it gets others if it cannot address them, so at most as often
 * as there are widths of addresses.
 */
static enum status
map_pages(struct disk *d)
{
	enum status st = RC_OK;

	if (d->bounces == NULL)
		d->bounces = memory_take_dma((size_t)BOUNCES * PAGE_SIZE);
	if (d->bounces == NULL)
		return RC_NO_MEMORY;
	for (uint32_t k = 0; st == RC_OK && k < BOUNCES; k++) {
		st = memory_page(bounce_page(d, k), REG_IN1);
		if (st == RC_OK)
			st = dma_map(REG_DMA, REG_IN1, &d->bounce[k]);
	}
	return st;
}

/* Of the disk that is selected. */
static void
unmap_bounces(struct disk *d)
{
	for (uint32_t k = 0; k < BOUNCES && d->bounces != NULL; k++)
		ignore_status(dma_unmap(REG_DMA, d->bounce[k]));
	d->bounced = false;
}

static enum status
map_bounces(struct disk *d)
{
	enum status st;

	if (d->bounced)
		return RC_OK;
	st = map_pages(d);
	if (st == RC_UNSUPPORTED) {
		unmap_bounces(d);
		d->bounces = NULL;
		st = map_pages(d);
	}
	/* Whoever tries again begins with the first page. */
	if (st != RC_OK)
		unmap_bounces(d);
	d->bounced = st == RC_OK;
	return st;
}

/* Put the disk's capabilities where they belong. */
static enum status
adopt(unsigned i)
{
	enum status st;

	st = node_swap(REG_NODE, NODE_DISK + 2 * i, REG_IN1, REG_VOID);
	if (st == RC_OK)
		st = node_swap(
		    REG_NODE, NODE_DISK + 2 * i + 1, REG_IN2, REG_VOID);
	if (st == RC_OK)
		st = node_get(REG_NODE, NODE_DISKS, REG_IN1);
	if (st == RC_OK)
		st = node_swap(REG_IN1, i, REG_IN0, REG_VOID);
	guest.selected = DISKS;
	disk_select(i);
	return st;
}

/* Steps 2 to 4 of block.h: begin the ring anew, with all that is open. */
static void
begin_ring(unsigned i, uint64_t generation)
{
	struct disk *d = &guest.disk[i];

	d->ring = (void *)((uintptr_t)PLACE_DISKS +
	    ((uintptr_t)i << DISK_SHIFT));
	d->generation = generation;
	d->broken = false;
	d->attached = true;
	__builtin_memset(
	    &d->ring->control.request, 0, sizeof(struct ring_shared));
	__builtin_memset(
	    &d->ring->control.completion, 0, sizeof(struct ring_shared));
	ring_begin(&d->request, &d->ring->control.request, BLOCK_ENTRIES);
	ring_begin(&d->completion, &d->ring->control.completion, BLOCK_ENTRIES);
	ring_want(&d->completion, true);
	d->ring->control.claim = d->claim;
	disk_reissue(i);
	__atomic_store_n(&d->ring->control.client_generation,
	    (uint32_t)generation, __ATOMIC_RELEASE);
}

/* The doorbell and, for a driver that copies, the window. */
static enum status
answer(struct request *rq, unsigned i, uint64_t windows)
{
	enum status st;

	st = process_make_notice(REG_PROCESS, NOTE_DISK + i, REG_IN0);
	rq->out_cap[0] = REG_IN0;
	rq->out_cap[1] = REG_VOID;
	if (st == RC_OK && windows > 0) {
		st = cache_window(REG_CACHE, windows, REG_IN1);
		rq->out_cap[1] = REG_IN1;
	}
	return st;
}

enum status
block_client_do_attach(
    struct request *rq, uint64_t disk, uint64_t generation, uint64_t windows)
{
	unsigned     i = (unsigned)disk;
	struct disk *d = &guest.disk[i];
	bool         first;
	enum status  st;

	if (disk >= DISKS)
		return RC_LIMIT;
	/* Step 1: the old ring's completions are true. */
	if (d->attached)
		disk_pump(i);
	first = d->generation == 0;
	st = adopt(i);
	if (st == RC_OK)
		st = map_bounces(d);
	if (st != RC_OK) {
		log_printf("store: disk %u cannot be attached: status %u", i,
		    (unsigned)st);
		return st;
	}
	begin_ring(i, generation);
	if (first)
		probe_begin(i);
	else
		log_printf("store: disk %u is back, driver instance %llu", i,
		    (unsigned long long)generation);
	return answer(rq, i, windows);
}

/*
 * The number is good for another disk: of this one nothing is open but what the
 * probe asked, and nothing of it is believed any more. Its driver is dead.
 */
static void
forget(unsigned i)
{
	struct disk *d = &guest.disk[i];

	disk_select(i);
	unmap_bounces(d);
	for (uint32_t k = 0; k < BOUNCES; k++)
		d->transfer[k].owner = OWNER_NONE;
	d->generation = 0;
	d->claim = (struct block_claim){0};
	d->broken = false;
	probe_forget(i);
	for (unsigned k = 0; k < 2; k++)
		ignore_status(node_swap(
		    REG_NODE, NODE_DISK + 2 * i + k, REG_VOID, REG_VOID));
	if (node_get(REG_NODE, NODE_DISKS, REG_IN1) == RC_OK)
		ignore_status(node_swap(REG_IN1, i, REG_VOID, REG_VOID));
	guest.selected = DISKS;
}

enum status
block_client_do_detach(struct request *rq, uint64_t disk, uint64_t cause)
{
	struct disk *d = &guest.disk[disk % DISKS];

	(void)rq;
	if (disk >= DISKS || d->generation == 0)
		return RC_NOT_FOUND;
	if (d->attached)
		log_printf("store: disk %u is gone, status %u",
		    (unsigned)disk, (unsigned)cause);
	d->attached = false;
	if (guest.volume == (int)disk)
		return RC_TAKEN;
	forget((unsigned)disk);
	return RC_OK;
}
