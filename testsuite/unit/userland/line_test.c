/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pushed line's ring, between this domain, its driver and the server: all
 * of which but the first are here.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/clock.order.h"
#include "kernel/abi/page.order.h"
#include "testsuite/runner/runner.h"
#include "uldrv/class/catalogue.order.h"
#include "uldrv/class/devdb.order.h"
#include "userland/push/line.h"
#include "userland/rt/invoke.h"
#include "userland/rt/log.h"

enum { LOOKS = 100 };

static struct {
	struct char_ring page;
	enum status      page_status, connecting;
	uint32_t         instance; /* That the server knows. */
	unsigned         opened, connects, accused;
	bool             bell;  /* Ours was rung, */
	unsigned         rung;  /* and the driver's as often. */
	bool             alarm; /* One was set. */
	unsigned         said;
	void (*driver)(void); /* Runs when it is rung. */
} fake;

static struct line line;

void
log_printf(const char *format, ...)
{
	CU_ASSERT_PTR_NOT_NULL(format);
	fake.said++;
}

static enum status
page(struct message *m)
{
	uint64_t at = m->word[1];

	if (fake.page_status != RC_OK)
		return fake.page_status;
	if (m->word[0] == PAGE_READ) {
		CU_ASSERT_FATAL(at + m->word[2] <= PAGE_SIZE &&
		    m->receive_limit >= m->word[2]);
		memcpy(m->receive, (uint8_t *)&fake.page + at, m->word[2]);
		m->control = m->word[2] << RESULT_LENGTH_SHIFT;
		return RC_OK;
	}
	CU_ASSERT_EQUAL_FATAL(m->word[0], PAGE_WRITE);
	CU_ASSERT_FATAL(at + m->send_bytes <= PAGE_SIZE);
	memcpy((uint8_t *)&fake.page + at, m->send, m->send_bytes);
	return RC_OK;
}

/* As devdb/server/connect.c does it: who is the client is rung. */
static enum status
server(struct message *m)
{
	if (m->word[0] == DEVDB_ACCUSE) {
		if (m->word[3] != fake.instance)
			return RC_STATE;
		fake.accused++;
		return RC_OK;
	}
	CU_ASSERT_EQUAL_FATAL(m->word[0], DEVDB_CONNECT);
	fake.connects++;
	if (fake.connecting != RC_OK)
		return fake.connecting;
	fake.bell = true;
	m->word[1] = fake.instance;
	return RC_OK;
}

static enum status
answer(struct message *m)
{
	switch (m->control >> CONTROL_CAP_SHIFT & 31) {
	case REG_PROCESS:
		return RC_OK;
	case REG_CLOCK:
		fake.alarm |= m->word[0] == CLOCK_ALARM;
		m->word[1] = 1;
		return RC_OK;
	case REG_CATALOGUE:
		CU_ASSERT_EQUAL(m->word[0], CATALOGUE_OPEN);
		fake.opened++;
		return RC_OK;
	case REG_LINE:
		return server(m);
	case REG_RING:
		return page(m);
	case REG_DOORBELL:
		fake.rung++;
		if (fake.driver != NULL)
			fake.driver();
		return RC_OK;
	default:
		return RC_VOID;
	}
}

void
ant_invoke(struct message *m)
{
	m->word[0] = (uint64_t)answer(m);
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

static const struct sink *
nobody(uint32_t kind)
{
	(void)kind;
	return NULL;
}

/* Looks as often as it is rung; how often that was. */
static unsigned
looks(bool waited)
{
	unsigned n = 0;

	fake.bell = true;
	while (fake.bell && n < LOOKS) {
		fake.bell = false;
		line_look(&line, waited && n == 0);
		n++;
	}
	return n;
}

static void
start(uint32_t instance)
{
	memset(&fake, 0, sizeof(fake));
	fake.instance = fake.page.generation = instance;
	line_begin(&line, nobody);
}

static void
type(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fake.page.in[(fake.page.input.head + i) % CHAR_INPUT] =
		    ((const uint8_t *)bytes)[i];
	fake.page.input.head += (uint32_t)n;
}

/* A frame that is answered. */
static void
type_frame(uint8_t number)
{
	const struct frame_begin b = {
	    .version = FRAME_VERSION, .bytes = 1, .kind = 'X'};
	struct frame f = {
	    .type = FRAME_BEGIN, .number = number, .length = sizeof(b)};
	uint8_t out[FRAME_MOST];

	memcpy(f.payload, &b, sizeof(b));
	type(out, frame_write(&f, out));
}

/* line.1: what comes in is answered, over the ring's end too. */
static void
comes_and_goes(void)
{
	start(1);
	CU_ASSERT(looks(true) <= 2);
	CU_ASSERT_EQUAL(fake.page.client_generation, 1);
	for (unsigned i = 0; i < 100; i++) {
		uint32_t head = fake.page.output.head;

		type_frame((uint8_t)i);
		CU_ASSERT_EQUAL(looks(false), 1);
		CU_ASSERT_EQUAL(fake.page.input.tail, fake.page.input.head);
		CU_ASSERT(fake.page.output.head - head > 8);
		fake.page.output.tail = fake.page.output.head;
	}
	CU_ASSERT_EQUAL(fake.connects, 1);
	CU_ASSERT_EQUAL(fake.opened, 1);
	CU_ASSERT_EQUAL(fake.said, 0);
}

/*
 * line.2: a driver that shows another instance is asked for once and then once
 * in a while; it is told, once, and its successor is not to blame.
 */
static void
puts_a_liar_off(void)
{
	static const uint32_t lie[] = {0, 2, UINT32_MAX};

	for (unsigned i = 0; i < 3; i++) {
		start(1);
		fake.page.generation = lie[i];
		CU_ASSERT(looks(true) <= 2);
		CU_ASSERT_EQUAL(fake.connects, 1);
		CU_ASSERT(fake.alarm);
		CU_ASSERT_EQUAL(fake.said, 1);
		CU_ASSERT_EQUAL(fake.accused, 1);
		CU_ASSERT_EQUAL(fake.page.client_generation, 0);
		for (unsigned k = 1; k <= 10; k++) {
			fake.alarm = false;
			(void)looks(false);
			CU_ASSERT_EQUAL(fake.connects, k);
			CU_ASSERT(looks(true) <= 2);
			CU_ASSERT_EQUAL(fake.connects, k + 1);
			CU_ASSERT(fake.alarm);
		}
		CU_ASSERT_EQUAL(fake.said, 1);
		fake.instance = fake.page.generation = 7;
		CU_ASSERT(looks(true) <= 2);
		CU_ASSERT_EQUAL(fake.page.client_generation, 7);
	}
}

/* Shows its own instance until somebody has joined it. */
static void
turns(void)
{
	fake.page.generation = fake.instance + 1;
}

/* line.3: the same of one that lies only when it has been joined. */
static void
puts_a_turncoat_off(void)
{
	start(3);
	fake.driver = turns;
	CU_ASSERT(looks(true) <= 3);
	CU_ASSERT(fake.connects <= 2);
	CU_ASSERT(fake.alarm);
	CU_ASSERT(line.watch.later);
	for (unsigned k = 0; k < 10; k++) {
		unsigned before = fake.connects;

		fake.page.generation = 3;
		(void)looks(false);
		CU_ASSERT_EQUAL(fake.connects, before);
		CU_ASSERT(looks(true) <= 3);
		CU_ASSERT(fake.connects <= before + 2);
	}
	CU_ASSERT(fake.said <= 1);
}

/*
 * line.4: one whose indices cannot be is left alone until there is another:
 * nothing is read, written or asked any more.
 */
static void
leaves_a_breaker_alone(void)
{
	for (unsigned output = 0; output < 2; output++) {
		start(1);
		CU_ASSERT(looks(true) <= 2);
		type_frame(1);
		if (output != 0)
			fake.page.output.tail = 1;
		else
			fake.page.input.head = CHAR_INPUT + 1;
		CU_ASSERT_EQUAL(looks(false), 1);
		CU_ASSERT_FALSE(line.watch.connected);
		for (unsigned i = 0; i < 10; i++)
			CU_ASSERT_EQUAL(looks(i % 2 == 0), 1);
		CU_ASSERT_EQUAL(fake.connects, 1);
		CU_ASSERT_EQUAL(fake.said, 1);
		CU_ASSERT_EQUAL(fake.accused, 1);
		fake.instance = fake.page.generation = 2;
		CU_ASSERT(looks(false) <= 2);
		CU_ASSERT_EQUAL(fake.connects, 2);
		CU_ASSERT_EQUAL(fake.page.client_generation, 2);
		CU_ASSERT(line.watch.connected);
	}
}

/*
 * line.5: the page is of another boot. An instance of the same number as the
 * one that broke its ring there is another.
 */
static void
begins_anew_in_each_boot(void)
{
	start(1);
	(void)looks(true);
	fake.page.input.head = CHAR_INPUT + 1;
	(void)looks(false);
	CU_ASSERT_FALSE(line.watch.connected);
	fake.page_status = RC_RESTARTED;
	fake.connecting = RC_NOT_FOUND;
	CU_ASSERT(looks(true) <= 2);
	CU_ASSERT(fake.alarm);
	fake.page_status = fake.connecting = RC_OK;
	memset(&fake.page, 0, sizeof(fake.page));
	fake.page.generation = 1;
	CU_ASSERT(looks(true) <= 2);
	CU_ASSERT(line.watch.connected);
	CU_ASSERT_EQUAL(fake.page.client_generation, 1);
	/* A page that can never be read is not asked for at once, either. */
	fake.page_status = RC_RESTARTED;
	fake.connects = 0;
	CU_ASSERT(looks(false) <= 2);
	CU_ASSERT_EQUAL(fake.connects, 1);
}

/* line.6: another instance has come meanwhile: nobody is blamed. */
static void
blames_nobody(void)
{
	start(1);
	(void)looks(true);
	fake.connecting = RC_STATE;
	fake.page.generation = fake.instance = 2;
	(void)looks(false);
	CU_ASSERT_EQUAL(fake.said, 0);
	fake.connecting = RC_OK;
	CU_ASSERT(looks(true) <= 2);
	CU_ASSERT_EQUAL(fake.page.client_generation, 2);
	CU_ASSERT_EQUAL(fake.said, 0);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(comes_and_goes),
	    RUNNER_TEST(puts_a_liar_off),
	    RUNNER_TEST(puts_a_turncoat_off),
	    RUNNER_TEST(leaves_a_breaker_alone),
	    RUNNER_TEST(begins_anew_in_each_boot),
	    RUNNER_TEST(blames_nobody),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {.name = "line", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
