/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A raw client of disks, for those that call. It holds one extent at a time,
 * the one that the order in hand needs, and gives it back for the next.
 *
 * Rights to answer are kept in the node of REG_NODE: slot i for order i; then
 * the doorbell of the driver whose ring it has.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/disks/disks.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/disks.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_ALARM = REG_OWN + 1,
	RING_SLOT = 1, /* Of the address space. */
	DOORBELL_SLOT = DISKS_JOBS,
	BIT_RING = 0,
	BIT_ALARM,
	PATIENCE = 100, /* Alarms until an order is given up. */
	RESET = 20,     /* As many as a disk that was reset counts for. */
};

/* How often what is due is looked for. */
static const uint64_t again_ns = 100000000;

static struct disks disks;

/* The extent that we have. */
static struct {
	bool            open, broken;
	uint64_t        disk, serial, first, sectors;
	uint64_t        client, generation;
	struct ring_end request, completion;
	bool            asked; /* A read stands in the ring. */
	unsigned        waited;
	uint64_t        tag;
} link;

static struct block_raw_ring *
ring(void)
{
	return space_address(RING_SLOT);
}

static void
ring_driver(void)
{
	if (node_get(REG_NODE, DOORBELL_SLOT, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

static void
wake_later(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + again_ns, REG_ALARM));
}

/* Steps 2 to 4 of block.h. */
static void
begin_ring(uint64_t generation)
{
	struct block_control *c = &ring()->ring.control;

	__builtin_memset(&c->request, 0, sizeof(c->request));
	__builtin_memset(&c->completion, 0, sizeof(c->completion));
	ring_begin(&link.request, &c->request, BLOCK_ENTRIES);
	ring_begin(&link.completion, &c->completion, BLOCK_ENTRIES);
	ring_want(&link.completion, true);
	link.generation = generation;
	link.asked = link.broken = false;
	/* Orders the cleared ring before the driver's first look at it. */
	__atomic_store_n(&c->client_generation, (uint32_t)generation,
	    __ATOMIC_RELEASE);
	ring_driver();
}

static void
close_link(void)
{
	if (link.open)
		ignore_status(devdb_disk_close(
		    REG_DEVDB, link.disk, link.client, link.generation));
	link.open = false;
}

static enum status
open_link(struct disks_job *j)
{
	uint64_t    generation = 0;
	enum status st;

	close_link();
	st = process_make_notice(REG_PROCESS, BIT_RING, REG_T2);
	if (st == RC_OK)
		st = devdb_disk_open(REG_DEVDB, j->disk, j->first, j->sectors,
		    0, REG_T2, "disks", 5, REG_T0, REG_T1, &generation,
		    &link.client, &link.serial);
	if (st != RC_OK)
		return st;
	link.disk = j->disk;
	link.first = j->first;
	link.sectors = j->sectors;
	link.generation = generation;
	link.open = true;
	st = node_swap(REG_NODE, DOORBELL_SLOT, REG_T1, REG_VOID);
	if (st == RC_OK)
		st = space_map(RING_SLOT, REG_T0);
	if (st == RC_OK)
		begin_ring(generation);
	if (st == RC_OK && !disks_same(j, link.serial))
		st = RC_NOT_FOUND;
	if (st != RC_OK)
		close_link();
	return st;
}

static void
ask(const struct disks_job *j)
{
	uint32_t              place = ring_place(&link.request, 0);
	struct block_segment *s = ring()->ring.segment[place];

	ring()->ring.request[place] = (struct block_request){
	    .tag = ++link.tag,
	    .sector = j->at,
	    .op = BLOCK_READ,
	    .nsegments = 1,
	};
	*s = (struct block_segment){
	    .address = 0, .bytes = (uint32_t)j->many * DISKS_SECTOR};
	link.asked = true;
	if (ring_produce(&link.request, 1))
		ring_driver();
}

/* True if the answer to what was asked is there. */
static bool
answered(struct block_completion *c)
{
	uint32_t ready = 0;

	ring_want(&link.completion, true);
	for (;;) {
		if (ring_ready(&link.completion, &ready) != RC_OK) {
			link.broken = true;
			return false;
		}
		if (ready == 0)
			return false;
		*c = ring()->ring.completion[ring_place(&link.completion, 0)];
		ring_consume(&link.completion, 1);
		if (c->tag != link.tag)
			continue;
		link.asked = false;
		return true;
	}
}

static void
answer(void)
{
	for (unsigned i = 0; i < DISKS_JOBS; i++) {
		struct disks_job *j = &disks.job[i];
		uint64_t          words[MESSAGE_WORDS] = {
			     0, j->found.first, j->found.sectors, j->found.type};

		if (j->state != DISKS_DONE)
			continue;
		link.waited = 0;
		j->state = DISKS_FREE;
		if (node_get(REG_NODE, i, REG_T0) != RC_OK)
			continue;
		server_answer(REG_T0, j->status, words, disks.data,
		    j->status == RC_OK && j->reads ? j->bytes : 0, REG_VOID);
		ignore_status(node_swap(REG_NODE, i, REG_VOID, REG_VOID));
	}
}

static bool
is_open_for(struct disks_job *j)
{
	return link.open && !link.broken && link.disk == j->disk &&
	    link.first == j->first && link.sectors == j->sectors &&
	    disks_same(j, link.serial);
}

/* Begins the step of the order in hand. True: its read stands in the ring. */
static bool
begin(struct disks_job *j)
{
	enum status st = is_open_for(j) ? RC_OK : open_link(j);

	/* Nothing lies beyond the end of the disk, wherever the table says. */
	if (st == RC_OK) {
		if (!link.asked)
			ask(j);
		return true;
	}
	if ((st == RC_STATE || st == RC_BUSY) && link.waited++ < PATIENCE) {
		wake_later();
		return false;
	}
	(void)disks_came(&disks, j, st, NULL, 0);
	return false;
}

static void
take(struct disks_job *j, const struct block_completion *c)
{
	enum status st =
	    c->status < RC_KERNEL_COUNT ? (enum status)c->status : RC_DEVICE;

	/* It was reset: again, as often as we have patience. */
	if (st == RC_TIMEOUT && (link.waited += RESET) < PATIENCE)
		ask(j);
	else
		(void)disks_came(&disks, j, st, ring()->data, c->bytes);
}

/* The driver's instance is another one, or there is none any more. */
static void
look_at_driver(struct disks_job *j)
{
	uint32_t g;

	if (!link.open)
		return;
	g = __atomic_load_n(
	    &ring()->ring.control.generation, __ATOMIC_ACQUIRE);
	if (g == link.generation)
		return;
	if (g != 0) {
		begin_ring(g);
		return;
	}
	/* If the disk is there all the same, our place is free again. */
	close_link();
	link.asked = false;
	if (j != NULL && link.disk == j->disk)
		(void)disks_came(&disks, j, RC_NOT_FOUND, NULL, 0);
}

/*
 * Who does not wait any more leaves his place, unless his read stands in the
 * ring: the disk may still write to the data area.
 */
static void
forget_dead(void)
{
	for (unsigned i = 0; i < DISKS_JOBS; i++) {
		struct disks_job *j = &disks.job[i];
		uint64_t          kind = CK_VOID;

		if (j->state == DISKS_FREE ||
		    (j->state != DISKS_WAITING && link.asked))
			continue;
		if (node_get(REG_NODE, i, REG_T0) != RC_OK ||
		    discrim_classify(REG_DISCRIM, REG_T0, &kind, NULL, NULL) !=
			RC_OK ||
		    kind == CK_RESUME)
			continue;
		if (j->state != DISKS_WAITING)
			link.waited = 0;
		j->state = DISKS_FREE;
	}
}

/* A step of the order in hand. False: it has to wait, and will be woken. */
static bool
go_on(struct disks_job *j)
{
	struct block_completion c;

	if (!begin(j))
		return j->state == DISKS_DONE;
	if (answered(&c)) {
		take(j, &c);
		return true;
	}
	if (link.broken)
		close_link();
	wake_later();
	return false;
}

/* Goes on with what there is to do. */
static void
work(bool alarm)
{
	struct disks_job *j = disks_next(&disks);

	look_at_driver(j);
	if (alarm && j != NULL && link.asked && link.waited++ > PATIENCE) {
		close_link();
		link.asked = false;
		(void)disks_came(&disks, j, RC_TIMEOUT, NULL, 0);
	}
	do {
		answer();
		forget_dead();
		j = disks_next(&disks);
	} while (j != NULL && go_on(j));
}

static enum status
enter(struct request *rq, const struct disks_job *wanted)
{
	enum status       st = disks_check(wanted);
	struct disks_job *j;
	uint64_t          number;

	if (st != RC_OK || !request_awaited(rq))
		return st;
	j = disks_job(&disks);
	if (j == NULL) {
		forget_dead();
		j = disks_job(&disks);
	}
	if (j == NULL)
		return RC_BUSY;
	number = j->number;
	*j = *wanted;
	j->number = number;
	j->state = DISKS_WAITING;
	st = request_keep_slot(rq, REG_NODE, (unsigned)(j - disks.job));
	if (st != RC_OK)
		j->state = DISKS_FREE;
	else
		work(false);
	return st;
}

enum status
disks_do_disk(struct request *rq, uint64_t index, uint64_t *count)
{
	return devdb_disk(REG_DEVDB, index, rq->out_string, rq->out_limit,
	    &rq->out_bytes, count);
}

enum status
disks_do_partition(struct request *rq, uint64_t disk, uint64_t part,
    uint64_t *first, uint64_t *sectors, uint64_t *type)
{
	const struct disks_job j = {.disk = disk, .part = part};

	(void)first;
	(void)sectors;
	(void)type;
	return enter(rq, &j);
}

enum status
disks_do_read(struct request *rq, uint64_t disk, uint64_t part,
    uint64_t sector, uint64_t count)
{
	const struct disks_job j = {.reads = true,
	    .disk = disk,
	    .part = part,
	    .sector = sector,
	    .count = count};

	return enter(rq, &j);
}

int
main(void)
{
	static uint8_t      received[64], reply[1024];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("disks: no notices\n");
		ant_exit();
	}
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = disks_serve(&rq);
		else
			work((rq.word[1] >> BIT_ALARM & 1) != 0);
		server_next(&sv, &rq);
	}
}
