/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw client of disk 0 that behaves badly, for testsuite/system/disks: all
 * that it does must harm nobody but itself. It says in the log how far it is.
 *
 *     PROVE   it writes, and reads that again
 *     BEG     it asks for what it may not have
 *     FLOOD   its ring is full, always, over deaths of the driver
 *     BREAK   nonsense in the ring; then another connection
 *     and it dies with requests in flight
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/server.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_DOORBELL = REG_OWN + 1,
	REG_DRIVER = REG_OWN + 2,
	REG_ALARM = REG_OWN + 3,
	RING_SLOT = 1,
	BIT_ALARM = 1,

	FIRST = 512,
	SECTORS = 4096,         /* Far into the volume. */
	VOLUME = 2048 - FIRST,  /* Where that begins. */
	PROVED = 8,             /* Pages. */
	FLOODED = 2000,         /* Reads, and */
	RESTARTS = 1,           /* deaths of the driver that it noticed: enough. */
	LAST = 32,
};

enum phase { PROVE_WRITE, PROVE_READ, BEG, FLOOD, BREAK, AGAIN };

static const uint64_t moment_ns = 100000000;

static struct {
	struct ring_end      request, completion;
	bool                 open;
	uint64_t             client, generation;
	enum phase           phase;
	unsigned             done, good, restarts;
	unsigned             asked;
	struct block_request open_request[BLOCK_ENTRIES];
	bool                 busy[BLOCK_ENTRIES];
} pest;

static struct block_raw_ring *
ring(void)
{
	return space_address(RING_SLOT);
}

static void
wake_later(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + moment_ns, REG_ALARM));
}

static void
put(const struct block_request *rq, uint64_t address, uint32_t bytes)
{
	uint32_t at = ring_place(&pest.request, 0);

	ring()->ring.request[at] = *rq;
	ring()->ring.segment[at][0] =
	    (struct block_segment){.address = address, .bytes = bytes};
	if (ring_produce(&pest.request, 1))
		notice_set(REG_DRIVER);
}

/* One page, of the area's page `tag`. */
static void
ask(unsigned tag, enum block_op op, uint64_t sector)
{
	pest.open_request[tag] = (struct block_request){
	    .tag = tag, .sector = sector, .op = (uint8_t)op, .nsegments = 1};
	pest.busy[tag] = true;
	put(&pest.open_request[tag],
	    (uint64_t)(tag % BLOCK_DATA_PAGES) * PAGE_SIZE, PAGE_SIZE);
}

static void
begin_ring(uint64_t generation)
{
	struct block_control *c = &ring()->ring.control;

	memset(&c->request, 0, sizeof(c->request));
	memset(&c->completion, 0, sizeof(c->completion));
	ring_begin(&pest.request, &c->request, BLOCK_ENTRIES);
	ring_begin(&pest.completion, &c->completion, BLOCK_ENTRIES);
	ring_want(&pest.completion, true);
	pest.generation = generation;
	__atomic_store_n(&c->client_generation, (uint32_t)generation,
	    __ATOMIC_RELEASE);
	notice_set(REG_DRIVER);
}

/* What nobody may have, and the answer to it. */
static const struct bad {
	struct block_request rq;
	uint64_t             address;
	uint32_t             bytes;
	enum status          expected;
} bad[] = {
    {{.op = BLOCK_READ, .nsegments = 1, .sector = SECTORS}, 0, 512,
	RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1, .sector = SECTORS - 1}, 0, 1024,
	RC_ARGUMENT},
    {{.op = BLOCK_WRITE, .nsegments = 1, .sector = UINT64_MAX - FIRST + 1}, 0,
	512, RC_ARGUMENT},
    {{.op = BLOCK_WRITE, .nsegments = 1, .sector = VOLUME}, 0, 512, RC_RIGHTS},
    {{.op = BLOCK_WRITE, .nsegments = 1, .sector = VOLUME - 1}, 0, 1024,
	RC_RIGHTS},
    {{.op = BLOCK_READ, .nsegments = 1}, 0x100000, 4096, RC_ARGUMENT},
    {{.op = BLOCK_WRITE, .nsegments = 1}, 0x4000000, 512, RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1}, 4096 - 512, 1024, RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1}, 2, 512, RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1}, 0, 100, RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1, .flags = BLOCK_WINDOW}, 0, 512,
	RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = 1, .flags = 0x80}, 0, 512, RC_ARGUMENT},
    {{.op = BLOCK_READ, .nsegments = BLOCK_SEGMENTS + 1}, 0, 512, RC_ARGUMENT},
    {{.op = BLOCK_READ}, 0, 0, RC_ARGUMENT},
    {{.op = BLOCK_OP_COUNT}, 0, 0, RC_ARGUMENT},
};

enum { BAD = sizeof(bad) / sizeof(bad[0]) };

static void
beg(void)
{
	for (unsigned i = 0; i < BAD; i++) {
		struct block_request rq = bad[i].rq;

		rq.tag = i;
		pest.busy[i] = true;
		put(&rq, bad[i].address, bad[i].bytes);
	}
}

/* The sectors of a page of the flood; none is anybody's. */
static uint64_t
flooded(unsigned n)
{
	return n * 8 % (VOLUME - 8);
}

static void
begin_phase(enum phase phase)
{
	pest.phase = phase;
	pest.done = pest.good = 0;
	switch (phase) {
	case PROVE_WRITE:
	case PROVE_READ:
		for (unsigned i = 0; i < PROVED; i++) {
			memset(ring()->data + i * PAGE_SIZE,
			    phase == PROVE_WRITE ? (int)(0xa0 + i) : 0,
			    PAGE_SIZE);
			ask(i, phase == PROVE_WRITE ? BLOCK_WRITE : BLOCK_READ,
			    i * 8);
		}
		break;
	case BEG:
		beg();
		break;
	case FLOOD:
		for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
			ask(i, BLOCK_READ, flooded(pest.asked++));
		break;
	case BREAK:
		log_printf("pest: %u reads, %u restarts, now nonsense\n",
		    FLOODED, pest.restarts);
		ring()->ring.control.request.head = 0x12345678;
		ring()->ring.control.completion.tail = 0x87654321;
		notice_set(REG_DRIVER);
		wake_later();
		break;
	case AGAIN:
		ask(0, BLOCK_READ, 0);
		break;
	}
}

static void
die(void)
{
	log_printf("pest: cut off, and connected again; dies\n");
	for (unsigned i = 1; i < LAST; i++)
		ask(i, BLOCK_READ, flooded(i));
	notice_set(REG_DRIVER);
	__builtin_trap();
}

static void
proved(void)
{
	for (unsigned i = 0; i < PROVED; i++)
		if (ring()->data[i * PAGE_SIZE + 4095] != 0xa0 + i)
			log_printf("pest: page %u is wrong\n", i);
	log_printf("pest: %u pages written and read again\n", pest.good);
	begin_phase(BEG);
}

/* One answer; the phase may be over with it. */
static void
answered(unsigned tag, enum status st)
{
	pest.done++;
	pest.good +=
	    st == (pest.phase == BEG ? bad[tag].expected : RC_OK);
	switch (pest.phase) {
	case PROVE_WRITE:
		/* The store has not looked at the disk yet. */
		if (st == RC_STATE) {
			pest.done--;
			ask(tag, BLOCK_WRITE, tag * 8);
		} else if (pest.done == PROVED) {
			begin_phase(PROVE_READ);
		}
		break;
	case PROVE_READ:
		if (pest.done == PROVED)
			proved();
		break;
	case BEG:
		if (pest.done < BAD)
			break;
		log_printf("pest: %u refused of %u\n", pest.good, BAD);
		begin_phase(FLOOD);
		break;
	case FLOOD:
		if (pest.done >= FLOODED && pest.restarts >= RESTARTS)
			begin_phase(BREAK);
		else
			ask(tag, BLOCK_READ, flooded(pest.asked++));
		break;
	case BREAK:
		break;
	case AGAIN:
		die();
	}
}

static void
collect(void)
{
	uint32_t   ready = 0;
	enum phase phase = pest.phase;

	ring_want(&pest.completion, true);
	while (pest.open && phase != BREAK &&
	    ring_ready(&pest.completion, &ready) == RC_OK && ready > 0) {
		struct block_completion c =
		    ring()->ring.completion[ring_place(&pest.completion, 0)];

		ring_consume(&pest.completion, 1);
		if (c.tag >= BLOCK_ENTRIES || !pest.busy[c.tag]) {
			log_printf("pest: an answer that nobody asked for\n");
			continue;
		}
		pest.busy[c.tag] = false;
		answered((unsigned)c.tag, (enum status)c.status);
		phase = pest.phase;
	}
}

/* Everything open is asked for again. */
static void
again(uint64_t generation)
{
	collect();
	pest.restarts++;
	begin_ring(generation);
	if (pest.phase == BEG) {
		begin_phase(BEG);
		return;
	}
	for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
		if (pest.busy[i])
			ask(i, (enum block_op)pest.open_request[i].op,
			    pest.open_request[i].sector);
	log_printf("pest: asks again, restart %u\n", pest.restarts);
}

static void
connect(enum phase phase)
{
	uint64_t    generation = 0;
	enum status st = devdb_disk_open(REG_DEVDB, 0, FIRST, SECTORS,
	    DEVDB_WRITES, REG_DOORBELL, "pest\033[2J", 8, REG_T0, REG_DRIVER,
	    &generation, &pest.client, NULL);

	if (st == RC_OK)
		st = space_map(RING_SLOT, REG_T0);
	if (st != RC_OK) {
		wake_later();
		return;
	}
	pest.open = true;
	memset(pest.busy, 0, sizeof(pest.busy));
	begin_ring(generation);
	begin_phase(phase);
}

static void
look(bool alarm)
{
	uint32_t g;

	if (!pest.open) {
		connect(pest.phase == BREAK ? AGAIN : PROVE_WRITE);
		return;
	}
	g = ring()->ring.control.generation;
	if (g != pest.generation)
		again(g);
	if (pest.phase == BREAK && alarm) {
		ignore_status(devdb_disk_close(
		    REG_DEVDB, 0, pest.client, pest.generation));
		pest.open = false;
		wake_later();
		return;
	}
	collect();
}

int main(void);

int
main(void)
{
	struct server  sv = {.receive = NULL};
	struct request rq;

	if (process_make_notice(REG_PROCESS, 0, REG_DOORBELL) != RC_OK ||
	    process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK)
		ant_exit();
	look(false);
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = RC_ORDER;
		else
			look((rq.word[1] >> BIT_ALARM & 1) != 0);
		server_next(&sv, &rq);
	}
}
