/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients are given, and its end (S6); preferences. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.order.h"
#include "testsuite/unit/devdb/kit.h"
#include "uldrv/class/char.h"
#include "uldrv/class/devdb.serve.h"

/* The added driver at the one device, started. */
static struct instance *
late(void)
{
	struct device          *d = kit_lonely();
	struct catalogue_driver r = kit_record("late");
	uint64_t                bound;

	CU_ASSERT_EQUAL_FATAL(kit_add(&r, &bound), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL_FATAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT_EQUAL_FATAL(d->state, DEVDB_BOUND);
	return &server.instance[0];
}

/* The doorbell of one who wants to be the client. */
static uint16_t
doorbell(void)
{
	CU_ASSERT_EQUAL(process_make_notice(REG_PROCESS, 9, REG_IN0), RC_OK);
	return fake.reg[REG_IN0];
}

/* Connects with that; what is got comes into IN0 and IN1. */
static enum status
connects_by(uint16_t bell, uint16_t data, uint64_t class)
{
	struct request rq = {.data = data};
	uint64_t       generation = 0;

	fake.reg[REG_IN0] = bell;
	return devdb_do_connect(&rq, class, 0, &generation);
}

/* The same as somebody new. */
static enum status
connects(uint16_t data, uint64_t class)
{
	return connects_by(doorbell(), data, class);
}

static enum status
drops(void)
{
	struct request rq = {
	    .data = DEVDB_CATALOGUE, .string = "late", .string_bytes = 4};

	return devdb_do_drop(&rq);
}

static enum status
asks_handle(uint16_t data, const char *name)
{
	struct request rq = {
	    .data = data, .string = name, .string_bytes = strlen(name)};

	return devdb_do_handle(&rq);
}

/* Where a capability in a register leads: through forwarders, to what kind. */
static uint16_t
behind(uint16_t object)
{
	const struct fake_object *o = &fake.object[object];

	if (o->kind == FAKE_OPAQUE)
		o = &fake.object[o->slot[0]];
	return o->kind == FAKE_FORWARDER ? o->slot[0] : 0;
}

/*
 * S6: a handle leads to the server while the device is bound, for one driver,
 * whatever class is named; the catalogue alone gets one.
 */
static void
s6_handle(void)
{
	struct instance *n = late();
	uint16_t         handle;

	CU_ASSERT_EQUAL(asks_handle(DEVDB_CONTROL, n->name), RC_RIGHTS);
	CU_ASSERT_EQUAL(asks_handle(DEVDB_HOLDER, n->name), RC_RIGHTS);
	CU_ASSERT_EQUAL(asks_handle(DEVDB_CATALOGUE, "00:09.9"), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(asks_handle(DEVDB_CATALOGUE, n->name), RC_OK);
	handle = fake.reg[REG_IN0];
	CU_ASSERT_EQUAL(fake.object[handle].kind, FAKE_OPAQUE);
	CU_ASSERT_EQUAL(fake.object[behind(handle)].kind, FAKE_START);
	/* The same forwarder whoever asks. */
	CU_ASSERT_EQUAL(asks_handle(DEVDB_CATALOGUE, n->name), RC_OK);
	CU_ASSERT_EQUAL(behind(fake.reg[REG_IN0]), behind(handle));
	CU_ASSERT_EQUAL(connects(DEVDB_HOLDER, DEVDB_BLOCK), RC_OK);
	CU_ASSERT_EQUAL(connects(DEVDB_HOLDER + 1, DEVDB_CHAR), RC_NOT_FOUND);
	/* Over a restart it leads where it led. */
	n->doomed = true;
	(void)instances_tick();
	CU_ASSERT_EQUAL(connects(DEVDB_HOLDER, 0), RC_STATE);
	CU_ASSERT_EQUAL(fake.object[behind(handle)].kind, FAKE_START);
	CU_ASSERT_EQUAL(drops(), RC_OK);
	CU_ASSERT_EQUAL(behind(handle), 0);
	CU_ASSERT_EQUAL(connects(DEVDB_HOLDER, 0), RC_NOT_FOUND);
}

/* What was stopped, or has died, is started again. */
static void
next_instance(struct instance *n)
{
	(void)instances_tick();
	fake.now += UINT64_C(60000000000);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
}

/* S6: a client's doorbell lives as long as it is the client. */
static void
s6_doorbell(void)
{
	struct instance *n = late();
	uint16_t         bell = doorbell(), first, second;

	CU_ASSERT_EQUAL(connects_by(bell, DEVDB_USE, DEVDB_CHAR), RC_OK);
	first = fake.reg[REG_IN1];
	CU_ASSERT_EQUAL(behind(first), fake_instance(n, INST_DOORBELL));
	/* The next instance has another, and it leads there. */
	n->doomed = true;
	(void)instances_tick();
	next_instance(n);
	CU_ASSERT(n->running);
	CU_ASSERT_NOT_EQUAL(behind(first), 0);
	CU_ASSERT_EQUAL(behind(first), fake_instance(n, INST_DOORBELL));
	/* Another client: the first one's is over. */
	CU_ASSERT_EQUAL(connects(DEVDB_USE, DEVDB_CHAR), RC_STATE);
	CU_ASSERT_EQUAL(behind(first), 0);
	bell = fake_instance(n, INST_CLIENT);
	next_instance(n);
	CU_ASSERT_EQUAL(connects_by(bell, DEVDB_USE, DEVDB_CHAR), RC_OK);
	second = fake.reg[REG_IN1];
	CU_ASSERT_EQUAL(behind(first), 0);
	CU_ASSERT_EQUAL(behind(second), fake_instance(n, INST_DOORBELL));
	CU_ASSERT_EQUAL(drops(), RC_OK);
	CU_ASSERT_EQUAL(behind(second), 0);
}

/* S6: a ring says that it is over, and lasts for its client to read that. */
static void
s6_ring(void)
{
	struct instance *n = late();
	uint32_t         generation;
	const uint8_t   *page;
	uint16_t         bell, ring;

	CU_ASSERT_EQUAL(connects(DEVDB_USE, DEVDB_CHAR), RC_OK);
	bell = fake_instance(n, INST_CLIENT);
	ring = fake.reg[REG_IN0];
	page = fake.object[ring].page + offsetof(struct char_ring, generation);
	memcpy(&generation, page, sizeof(generation));
	CU_ASSERT_EQUAL(generation, 1);
	fake.logged = 0;
	CU_ASSERT_EQUAL(drops(), RC_OK);
	memcpy(&generation, page, sizeof(generation));
	CU_ASSERT_EQUAL(generation, 0);
	CU_ASSERT(fake_last_of(bell) >= 0);
	CU_ASSERT_EQUAL(fake.object[ring].kind, FAKE_PAGE);
	CU_ASSERT_FALSE(n->used);
	CU_ASSERT_EQUAL(instances_tick(), server.ring[0].ends);
	fake.now = server.ring[0].ends;
	(void)instances_tick();
	CU_ASSERT_EQUAL(fake.object[ring].kind, FAKE_VOID);
	CU_ASSERT_FALSE(server.ring[0].used);
	CU_ASSERT_EQUAL(fake_instance(n, INST_RING_NODE), 0);
}

/* S6: it takes no place from a device that comes. */
static void
s6_rings_give_way(void)
{
	struct instance        *n = late();
	struct catalogue_driver r = kit_record("late");
	uint64_t                bound = 0;

	CU_ASSERT_EQUAL(connects(DEVDB_USE, DEVDB_CHAR), RC_OK);
	CU_ASSERT_EQUAL(drops(), RC_OK);
	for (unsigned i = 1; i < SERVER_RINGS; i++)
		server.ring[i].used = true;
	CU_ASSERT_NOT_EQUAL(server.ring[0].ends, 0);
	fake.logged = 0;
	CU_ASSERT_EQUAL(kit_add(&r, &bound), RC_OK);
	CU_ASSERT_EQUAL(bound, 1);
	(void)instances_tick();
	CU_ASSERT_EQUAL(kit_supply(), RC_OK);
	(void)instances_tick();
	CU_ASSERT(n->running);
	CU_ASSERT_EQUAL(server.ring[0].ends, 0);
	CU_ASSERT_EQUAL(n->ring, 1);
	CU_ASSERT(fake_when(FAKE_RANGE, RANGE_FREE) >= 0);
}

static enum status
prefers(const char *driver)
{
	struct devdb_preference p = {.device = ""};
	struct request          rq = {
		     .data = DEVDB_CATALOGUE, .string = &p, .string_bytes = sizeof(p)};

	strcpy(p.device, server.device[0].board.name);
	strcpy(p.driver, driver);
	return devdb_do_prefer(&rq);
}

static const char *
driver_now(void)
{
	uint8_t i = server.device[0].driver;

	return i == NONE ? "" : server.catalogue.driver[i].name;
}

/* server.prefer.1: a tie is decided, now and when the preferred one comes. */
static void
preference(void)
{
	struct catalogue_driver a = kit_record("a"), b = kit_record("b");
	struct request          rq = {.data = DEVDB_CONTROL};
	uint64_t                bound;

	(void)kit_lonely();
	CU_ASSERT_EQUAL(devdb_do_prefer(&rq), RC_RIGHTS);
	CU_ASSERT_EQUAL(kit_add(&a, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	CU_ASSERT_EQUAL(kit_add(&b, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	device_unbind(&server.device[0]);
	CU_ASSERT_EQUAL(devices_match(), 0);
	CU_ASSERT_STRING_EQUAL(driver_now(), "");
	CU_ASSERT_EQUAL(prefers("b"), RC_OK);
	CU_ASSERT_EQUAL(prefers("a\033[2J"), RC_ARGUMENT);
	CU_ASSERT_STRING_EQUAL(driver_now(), "b");
	CU_ASSERT_EQUAL(prefers("a"), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	/* Nobody in particular: who has it keeps it. */
	CU_ASSERT_EQUAL(prefers(""), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	/* As at a boot: the preference first, then one driver, then the other.
	 */
	(void)kit_lonely();
	CU_ASSERT_EQUAL(prefers("b"), RC_OK);
	CU_ASSERT_EQUAL(kit_add(&a, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	CU_ASSERT_EQUAL(kit_add(&b, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "b");
}

/* server.prefer.2: it makes no driver fit better, and takes no resident's. */
static void
preference_of_no_tie(void)
{
	struct catalogue_driver a = kit_record("a"), b = kit_record("b");
	uint64_t                bound;

	(void)kit_lonely();
	b.match[0].device = ANY;
	b.match[0].vendor = ANY;
	b.match[0].class = 0x00ff00;
	b.match[0].class_mask = 0xffff00;
	CU_ASSERT_EQUAL(prefers("b"), RC_OK);
	CU_ASSERT_EQUAL(kit_add(&b, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "b");
	device_unbind(&server.device[0]);
	CU_ASSERT_EQUAL(kit_add(&a, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	(void)kit_lonely();
	b = kit_record("b");
	CU_ASSERT_EQUAL(kit_add(&a, &bound), RC_OK);
	server.catalogue.driver[server.device[0].driver].resident = true;
	CU_ASSERT_EQUAL(prefers("b"), RC_OK);
	CU_ASSERT_EQUAL(kit_add(&b, &bound), RC_OK);
	CU_ASSERT_STRING_EQUAL(driver_now(), "a");
	server.device[0].board.name[0] = '\0';
	CU_ASSERT_EQUAL(prefers("b"), RC_NOT_FOUND);
}

const struct runner_test handle_tests[] = {
    RUNNER_TEST(s6_handle),
    RUNNER_TEST(s6_doorbell),
    RUNNER_TEST(s6_ring),
    RUNNER_TEST(s6_rings_give_way),
    RUNNER_TEST(preference),
    RUNNER_TEST(preference_of_no_tie),
    {NULL, NULL},
};
