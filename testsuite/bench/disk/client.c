/* SPDX-License-Identifier: BSD-2-Clause */
/* The client of a disk that does nothing but read, and marks each read. */
#include <string.h>

#include "kernel/abi/dma.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/bench/system/domain.h"
#include "uldrv/class/block.h"
#include "uldrv/class/block_client.serve.h"
#include "userland/rt/log.h"

enum {
	/* As persist/store/guest/guest.h has them: it is the store's place. */
	RING_AT = 0x18000000,
	SLOT_RANGE = 3,
	SLOT_DISKS = 1,
	NOTE = 8,

	SLOT_DISK = 8, /* And the doorbell behind it. */

	REG_DISK = REG_OWN,
	REG_BELL = REG_OWN + 1,
	REG_RANGE = REG_OWN + 2,

	WARM = 16, /* Reads that are not counted. */
	READS = 64,
	PAGES = 32, /* Of the larger request: 128 KiB. */
	FIRST = 2048,
};

static struct {
	struct ring_end request, completion;
	uint64_t        bus[PAGES];
	unsigned        pages; /* Of the requests now; 0: nothing is asked. */
	unsigned        done;
} disk;

static struct block_ring *
ring(void)
{
	return (struct block_ring *)(uintptr_t)RING_AT;
}

static void
ring_bell(capreg which)
{
	struct message m = {.control = control_make(INVOKE_SEND, which)};

	ant_invoke_words(&m);
}

static void
ask(void)
{
	uint32_t place = ring_place(&disk.request, 0);

	if (disk.done >= WARM)
		span_start();
	ring()->request[place] = (struct block_request){
	    .tag = disk.done,
	    .sector = FIRST + (uint64_t)disk.done % 64 * 8 * disk.pages,
	    .op = BLOCK_READ,
	    .nsegments = (uint16_t)disk.pages,
	};
	for (unsigned i = 0; i < disk.pages; i++)
		ring()->segment[place][i] = (struct block_segment){
		    .address = disk.bus[i], .bytes = PAGE_SIZE};
	if (ring_produce(&disk.request, 1))
		ring_bell(REG_BELL);
}

/* Another read, or the other kind, or the end. */
static void
go_on(void)
{
	if (disk.done == WARM + READS) {
		log_printf("bench-disk: %s", disk.pages == 1 ? "end" : "half");
		disk.done = 0;
		disk.pages = disk.pages == 1 ? 0 : 1;
	}
	if (disk.pages != 0)
		ask();
}

static void
look(void)
{
	uint32_t ready = 0;

	ring_want(&disk.completion, true);
	if (ring_ready(&disk.completion, &ready) != RC_OK || ready == 0)
		return;
	span_stop();
	if (ring()->completion[ring_place(&disk.completion, 0)].status != RC_OK)
		log_printf("bench-disk: a read failed");
	ring_consume(&disk.completion, 1);
	disk.done++;
	go_on();
}

/* The pages are the device's only: nobody looks at what was read. */
static enum status
lend_pages(void)
{
	enum status st = node_get(REG_NODE, SLOT_RANGE, REG_RANGE);

	for (unsigned i = 0; st == RC_OK && i < PAGES; i++) {
		st = dma_page(REG_DISK, i, REG_RANGE, REG_T0);
		if (st == RC_OK)
			st = dma_map(REG_DISK, REG_T0, &disk.bus[i]);
	}
	return st;
}

enum status
block_client_do_attach(
    struct request *rq, uint64_t number, uint64_t generation, uint64_t windows)
{
	enum status st;

	(void)number;
	(void)windows;
	if (disk.pages != 0)
		return RC_LIMIT; /* The first disk will do. */
	st = node_swap(REG_NODE, SLOT_DISK, REG_IN1, REG_VOID);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_DISK + 1, REG_IN2, REG_VOID);
	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_DISKS, REG_IN1);
	if (st == RC_OK)
		st = node_swap(REG_IN1, 0, REG_IN0, REG_VOID);
	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_DISK, REG_DISK);
	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_DISK + 1, REG_BELL);
	if (st == RC_OK)
		st = lend_pages();
	if (st == RC_OK)
		st = process_make_notice(REG_PROCESS, NOTE, REG_IN0);
	if (st != RC_OK) {
		log_printf("bench-disk: status %u", (unsigned)st);
		return st;
	}
	memset(&ring()->control.request, 0, sizeof(struct ring_shared));
	memset(&ring()->control.completion, 0, sizeof(struct ring_shared));
	ring_begin(&disk.request, &ring()->control.request, BLOCK_ENTRIES);
	ring_begin(
	    &disk.completion, &ring()->control.completion, BLOCK_ENTRIES);
	ring_want(&disk.completion, true);
	__atomic_store_n(&ring()->control.client_generation,
	    (uint32_t)generation, __ATOMIC_RELEASE);
	disk.pages = PAGES;
	ask();
	ring_bell(REG_BELL); /* It looks at the ring for the first time. */
	rq->out_cap[0] = REG_IN0;
	rq->out_cap[1] = REG_VOID;
	return RC_OK;
}

enum status
block_client_do_detach(struct request *rq, uint64_t number, uint64_t cause)
{
	(void)rq;
	log_printf("bench-disk: disk %u is gone, status %u", (unsigned)number,
	    (unsigned)cause);
	return RC_OK;
}

int main(void);

int
main(void)
{
	struct server  sv = {.receive = NULL};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source != FROM_NOTICE)
			rq.status = block_client_serve(&rq);
		else if (disk.pages != 0)
			look();
		server_next(&sv, &rq);
	}
}
