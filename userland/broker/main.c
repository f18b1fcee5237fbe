/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between clients that call and drivers that take orders. It connects to a
 * class's driver with the first order for it, and again after each instance.
 *
 * Rights to answer are kept in the node of REG_NODE: slot i for job i, then
 * the drivers' doorbells, one for each link.
 */
#include "userland/broker/broker.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/clock.h"
#include "uldrv/class/devdb.stub.h"
#include "uldrv/class/edu.h"
#include "uldrv/class/entropy.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/broker.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_ALARM = REG_OWN + 1,
	RING_SLOT = 1, /* Of the address space, + link. */
	DOORBELL_SLOT = BROKER_JOBS,
	BIT_ALARM = BROKER_LINKS, /* Below it, one bit for each link. */
	FACET_CONTROL = 1,
	FACET_RANDOM = 2, /* Random bytes, and nothing else. */
};

/* How often drivers that owe an answer are looked for. */
static const uint64_t again_ns = 500000000;

static struct broker broker = {
    .link = {{.class = DEVDB_TEST}, {.class = DEVDB_CLOCK},
	{.class = DEVDB_ENTROPY}},
};

enum { LINK_TEST, LINK_CLOCK, LINK_ENTROPY };

static const char *const link_name[BROKER_LINKS] = {
    [LINK_TEST] = "the test device",
    [LINK_CLOCK] = "the battery clock",
    [LINK_ENTROPY] = "the source of entropy"};

static void
answer(void)
{
	for (unsigned i = 0; i < BROKER_JOBS; i++) {
		struct job *j = &broker.job[i];
		uint64_t    words[MESSAGE_WORDS] = {0, j->result};

		if (j->state != JOB_DONE)
			continue;
		j->state = JOB_FREE;
		if (node_get(REG_NODE, i, REG_T0) != RC_OK)
			continue;
		server_answer(REG_T0, j->status, words, j->data,
		    j->gives && j->status == RC_OK ? j->bytes : 0, REG_VOID);
		ignore_status(node_swap(REG_NODE, i, REG_VOID, REG_VOID));
	}
}

static void
ask_again(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + again_ns, REG_ALARM));
}

/*
 * What a driver has done to its ring: for people, and for `dev`, once of each
 * instance. If the server knows another one by now nothing is wrong.
 */
static void
accuse(unsigned link, uint64_t instance, const char *of)
{
	static uint64_t told[BROKER_LINKS];

	if (told[link] == instance)
		return;
	told[link] = instance;
	if (process_make_notice(REG_PROCESS, link, REG_T2) != RC_OK ||
	    devdb_accuse(REG_DEVDB, broker.link[link].class, 0, instance,
		REG_T2) == RC_STATE)
		return;
	log_printf("broker: the driver of %s, instance %lu, %s; it is left "
		   "alone until it is restarted\n",
	    link_name[link], instance, of);
}

/* The ring and doorbell of an instance are there. */
static void
attach(unsigned link, uint64_t generation, unsigned pages)
{
	enum status st = broker_attach(&broker, link,
	    space_address(RING_SLOT + link), (uint32_t)generation, pages);

	if (st == RC_OK)
		return;
	ask_again();
	accuse(link, generation,
	    st == RC_STATE ? "shows another instance in its ring"
			   : "says that it shares more pages than there are");
}

/*
 * Become the client of the class's driver, or of its successor. Who is it
 * already gets other capabilities to the same, and those he had are void.
 */
static void
connect(unsigned link)
{
	struct link *l = &broker.link[link];
	unsigned     pages;
	uint64_t     generation = 0;
	enum status  st;

	st = process_make_notice(REG_PROCESS, link, REG_T2);
	if (st == RC_OK)
		st = devdb_connect(REG_DEVDB, l->class, 0, REG_T2, REG_T0,
		    REG_T1, &generation);
	if (st == RC_NOT_FOUND) {
		broker_fail(&broker, link, st);
		/* A device that comes back begins anew. */
		l->watch = (struct ring_watch){0};
	}
	/* It is not up just now: the alarm asks again. */
	if (st != RC_OK)
		return;
	st = node_swap(REG_NODE, DOORBELL_SLOT + link, REG_T1, REG_VOID);
	if (st == RC_OK)
		st = space_map(RING_SLOT + link, REG_T0);
	if (st != RC_OK) {
		broker_fail(&broker, link, st);
		return;
	}
	pages = space_pages(REG_T0, ORDER_DATA);
	if (l->watch.generation != generation || l->watch.later ||
	    order_shown(space_address(RING_SLOT + link)) != generation)
		attach(link, generation, pages);
	else if (!l->watch.connected)
		/* It broke the ring: its successor will have another. */
		broker_fail(&broker, link, RC_DEVICE);
}

static void
ring_driver(unsigned link)
{
	if (node_get(REG_NODE, DOORBELL_SLOT + link, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

/*
 * Another instance, or the device is gone: then its ring is, too, before long,
 * and is not looked at again.
 */
static bool
driver_changed(struct link *l)
{
	return l->watch.connected &&
	    watch_stale(&l->watch, order_shown(l->ring));
}

/* The alarm looks at drivers that owe an answer: they may be gone for good. */
static void
look(unsigned link, bool alarm)
{
	struct link *l = &broker.link[link];
	bool         fresh = driver_changed(l);

	if (!broker_open(&broker, link))
		return;
	fresh |= !l->watch.connected;
	if ((fresh && !l->watch.later) || alarm)
		connect(link);
	if (broker_pump(&broker, link) || (fresh && l->watch.connected))
		ring_driver(link);
	if (l->watch.broken != 0)
		accuse(link, l->watch.broken, "broke its ring");
	answer();
	if (broker_open(&broker, link))
		ask_again();
}

static enum status
begin(struct request *rq, struct job *j)
{
	unsigned    link = j->link;
	enum status st = request_keep_slot(
	    rq, REG_NODE, (unsigned)(j - broker.job));

	if (st != RC_OK)
		j->state = JOB_FREE;
	else
		look(link, false);
	return st;
}

enum status
broker_do_factorial(
    struct request *rq, uint64_t index, uint64_t n, uint64_t *value)
{
	struct job *j;

	(void)value;
	if (index != 0)
		return RC_NOT_FOUND;
	j = broker_job(&broker, LINK_TEST);
	if (j == NULL)
		return RC_BUSY;
	j->op = EDU_FACTORIAL;
	j->argument = n;
	return begin(rq, j);
}

enum status
broker_do_copy(struct request *rq, uint64_t index)
{
	struct job *j;

	if (index != 0)
		return RC_NOT_FOUND;
	j = broker_job(&broker, LINK_TEST);
	if (j == NULL)
		return RC_BUSY;
	j->op = EDU_COPY;
	j->echo = j->gives = true;
	j->bytes = (uint32_t)rq->string_bytes;
	__builtin_memcpy(j->data, rq->string, rq->string_bytes);
	return begin(rq, j);
}

enum status
broker_do_time(struct request *rq, uint64_t *seconds)
{
	struct job *j = broker_job(&broker, LINK_CLOCK);

	(void)seconds;
	if (j == NULL)
		return RC_BUSY;
	j->op = RTC_READ;
	return begin(rq, j);
}

enum status
broker_do_set_time(struct request *rq, uint64_t seconds)
{
	struct job *j;

	if (rq->data != FACET_CONTROL)
		return RC_RIGHTS;
	j = broker_job(&broker, LINK_CLOCK);
	if (j == NULL)
		return RC_BUSY;
	j->op = RTC_SET;
	j->argument = seconds;
	return begin(rq, j);
}

enum status
broker_do_random(struct request *rq, uint64_t bytes)
{
	struct job *j;

	if (bytes == 0 || bytes > BROKER_BYTES)
		return RC_ARGUMENT;
	j = broker_job(&broker, LINK_ENTROPY);
	if (j == NULL)
		return RC_BUSY;
	j->op = ENTROPY_READ;
	j->gives = true;
	j->bytes = (uint32_t)bytes;
	return begin(rq, j);
}

/* Each facet may do all but set the clock, or what it says. */
static enum status
serve(struct request *rq)
{
	return rq->data == FACET_RANDOM && rq->word[0] != BROKER_RANDOM
	    ? RC_RIGHTS
	    : broker_serve(rq);
}

int
main(void)
{
	static uint8_t      received[BROKER_BYTES], reply[64];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("broker: no notices\n");
		ant_exit();
	}
	server_wait(&sv, &rq);
	for (;;) {
		bool alarm = rq.source != FROM_CALL &&
		    (rq.word[1] >> BIT_ALARM & 1) != 0;

		if (rq.source == FROM_CALL)
			rq.status = serve(&rq);
		else
			for (unsigned i = 0; i < BROKER_LINKS; i++)
				look(i, alarm);
		server_next(&sv, &rq);
	}
}
