/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw clients of disks: who gets a ring, and when a place is given anew. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/notice.order.h"
#include "kernel/abi/process.h"
#include "kernel/abi/range.order.h"
#include "testsuite/unit/devdb/kit.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.serve.h"

enum { DISK_SECTORS = 10000 };

static struct driver_control *
control(const struct instance *n)
{
	return (void *)fake.object[fake_instance(n, INST_CONTROL)].page;
}

/* One disk, up, with the store attached. */
static struct instance *
running(void)
{
	struct instance *n = kit_disk("virtio-blk", 0x1af4, 0x1042, 0);

	CU_ASSERT_EQUAL_FATAL(instance_start(n), RC_OK);
	CU_ASSERT_EQUAL_FATAL(instance_attach(n), RC_OK);
	control(n)->said.state = CONTROL_UP;
	control(n)->said.sectors = DISK_SECTORS;
	return n;
}

static struct request rq;
static uint64_t       generation, place, serial;

/* A doorbell of a client, made by the fake kernel. */
static void
give_bell(void)
{
	fake.reg[REG_IN0] = fake.reg[REG_CLOCK]; /* Any object will do. */
}

static enum status
open_as(uint16_t facet, uint64_t disk, uint64_t first, uint64_t sectors,
    uint64_t flags)
{
	rq = (struct request){
	    .data = facet, .string = "someone", .string_bytes = 7};
	give_bell();
	return devdb_do_disk_open(
	    &rq, disk, first, sectors, flags, &generation, &place, &serial);
}

static enum status
open_one(void)
{
	return open_as(DEVDB_RAW, 0, 100, 200, DEVDB_WRITES);
}

/* What the mux says when it has seen all that was given. */
static void
mux_serves(struct instance *n)
{
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
		control(n)->said.client[k].generation =
		    control(n)->given.client[k].generation;
}

/* disk.open.1: the driver sees the ring and the extent, the client the ring. */
static void
a_place(void)
{
	struct instance             *n = running();
	const struct control_client *c = &control(n)->given.client[0];
	uint32_t                     changes = control(n)->given.changes;
	uint16_t                     space, process, ring;

	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(place, 0);
	CU_ASSERT_NOT_EQUAL(generation, 0);
	CU_ASSERT_EQUAL(c->generation, generation);
	CU_ASSERT_EQUAL(c->first, 100);
	CU_ASSERT_EQUAL(c->sectors, 200);
	CU_ASSERT_EQUAL(c->writes, 1);
	CU_ASSERT_NOT_EQUAL(control(n)->given.changes, changes);
	process = fake_instance(n, INST_PROCESS);
	space = fake.object[process].slot[SLOT_SPACE];
	CU_ASSERT_EQUAL(fake_holds(process, DRIVER_REG_BELLS), FAKE_NODE);
	/* The same pages, in a node that is the client's alone. */
	ring = fake.object[space].slot[DRIVER_SLOT_CLIENT];
	CU_ASSERT_NOT_EQUAL(ring, fake.reg[rq.out_cap[0]]);
	CU_ASSERT_EQUAL(memcmp(fake.object[ring].slot,
			    fake.object[fake.reg[rq.out_cap[0]]].slot,
			    sizeof(fake.object[ring].slot)),
	    0);
	CU_ASSERT_EQUAL(fake.object[fake.reg[rq.out_cap[1]]].kind, FAKE_NOTICE);
	for (unsigned i = 0; i < 26; i++)
		CU_ASSERT_EQUAL(
		    fake_holds(fake.reg[rq.out_cap[0]], i), FAKE_PAGE);
	CU_ASSERT_STRING_EQUAL(server.raw[0][0].label, "someone");
}

/* disk.open.2: who may, and of what. */
static void
refusals(void)
{
	struct instance *n = running();

	CU_ASSERT_EQUAL(open_as(DEVDB_LOOK, 0, 0, 1, 0), RC_RIGHTS);
	CU_ASSERT_EQUAL(open_as(DEVDB_USE, 0, 0, 1, 0), RC_RIGHTS);
	CU_ASSERT_EQUAL(open_as(DEVDB_RAW, 1, 0, 1, 0), RC_NOT_FOUND);
	/* Nor the number that stands for none; other devices have it. */
	n->disk = UINT8_MAX;
	CU_ASSERT_EQUAL(
	    open_as(DEVDB_RAW, UINT8_MAX, 0, 1, 0), RC_NOT_FOUND);
	rq.data = DEVDB_RAW;
	CU_ASSERT_EQUAL(
	    devdb_do_disk_close(&rq, UINT8_MAX, 0, 0), RC_NOT_FOUND);
	n->disk = 0;
	CU_ASSERT_EQUAL(open_as(DEVDB_RAW, 0, 0, 0, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(open_as(DEVDB_RAW, 0, DISK_SECTORS, 1, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(open_as(DEVDB_RAW, 0, 0, 1, 2), RC_ARGUMENT);
	control(n)->said.state = CONTROL_STARTING;
	CU_ASSERT_EQUAL(open_as(DEVDB_RAW, 0, 0, 1, 0), RC_STATE);
	control(n)->said.state = CONTROL_UP;
	CU_ASSERT_EQUAL(open_as(DEVDB_CONTROL, 0, 0, 1, 0), RC_OK);
	/* This facet is for disks, and for nothing else. */
	rq = (struct request){
	    .data = DEVDB_RAW, .string = "virtio-blk", .string_bytes = 10};
	CU_ASSERT_EQUAL(devdb_do_restart(&rq), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_power_off(&rq), RC_RIGHTS);
	CU_ASSERT_EQUAL(devdb_do_adopt(&rq), RC_RIGHTS);
	rq.data = DEVDB_USE;
	CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, 0, generation), RC_RIGHTS);
}

/*
 * disk.open.3: three clients, then no more; a place is given anew when the
 * last one's requests have ended, and not before. One that has died goes.
 */
static void
places(void)
{
	struct instance *n = running();
	uint64_t         first;
	uint16_t         bells;

	CU_ASSERT_EQUAL(open_one(), RC_OK);
	first = generation;
	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(place, 2);
	mux_serves(n);
	CU_ASSERT_EQUAL(open_one(), RC_LIMIT);
	rq.data = DEVDB_RAW;
	CU_ASSERT_EQUAL(
	    devdb_do_disk_close(&rq, 0, 0, first + 1), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, 3, first), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, 0, first), RC_OK);
	CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, 0, first), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(control(n)->given.client[0].generation, 0);
	CU_ASSERT_EQUAL(open_one(), RC_BUSY);
	mux_serves(n);
	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(place, 0);
	CU_ASSERT(generation > first);
	/* The doorbell of the second is void: its process is gone. */
	mux_serves(n);
	bells = fake.object[fake_instance(n, INST_RAW)].slot[CONTROL_CLIENTS];
	fake.object[bells].slot[1] = 0;
	CU_ASSERT_EQUAL(open_one(), RC_BUSY);
	CU_ASSERT_EQUAL(control(n)->given.client[1].generation, 0);
	mux_serves(n);
	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(place, 1);
}

/* disk.restart.1: the next instance has the same rings, and all are told. */
static void
over_a_restart(void)
{
	struct instance *n = running();
	uint64_t         before;
	uint16_t         ring, page, process;

	CU_ASSERT_EQUAL(open_one(), RC_OK);
	before = generation;
	ring = fake.object[fake_instance(n, INST_RAW)].slot[0];
	page = fake.object[ring].slot[0];
	instance_stop(n);
	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	CU_ASSERT_EQUAL(control(n)->given.client[0].generation, 0);
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	process = fake_instance(n, INST_PROCESS);
	CU_ASSERT_EQUAL(fake.object[fake.object[process].slot[SLOT_SPACE]]
			    .slot[DRIVER_SLOT_CLIENT],
	    ring);
	CU_ASSERT_EQUAL(fake_holds(process, DRIVER_REG_BELLS), FAKE_NODE);
	CU_ASSERT(control(n)->given.client[0].generation > before);
	CU_ASSERT_EQUAL(control(n)->given.client[0].sectors, 200);
	/* In the ring, at control.generation. */
	CU_ASSERT_EQUAL(*(uint32_t *)(void *)(fake.object[page].page + 4),
	    control(n)->given.client[0].generation);
}

/* disk.open.5: who gets a place that somebody had sees none of his pages. */
static void
other_pages(void)
{
	struct instance *n = running();
	uint16_t         node, page[26], other;

	CU_ASSERT_EQUAL(open_one(), RC_OK);
	node = fake.reg[rq.out_cap[0]];
	memcpy(page, fake.object[node].slot, sizeof(page));
	mux_serves(n);
	rq.data = DEVDB_RAW;
	CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, 0, generation), RC_OK);
	mux_serves(n);
	CU_ASSERT_EQUAL(open_one(), RC_OK);
	CU_ASSERT_EQUAL(place, 0);
	other = fake.reg[rq.out_cap[0]];
	for (unsigned i = 0; i < 26; i++)
		for (unsigned k = 0; k < 26; k++)
			CU_ASSERT_NOT_EQUAL(
			    fake.object[other].slot[k], page[i]);
	CU_ASSERT_EQUAL(control(n)->given.client[0].address[0],
	    fake.object[other].slot[10] * PAGE_SIZE);
	fake.now += UINT64_C(2000000000);
	(void)instances_tick();
	for (unsigned i = 0; i < 26; i++)
		CU_ASSERT_EQUAL(fake.object[page[i]].kind, FAKE_VOID);
	CU_ASSERT_EQUAL(fake.object[node].kind, FAKE_VOID);
}

/* disk.open.4: any invocation may fail; the next attempt finds it in order. */
static void
any_failure(void)
{
	unsigned long i;

	for (i = 1; i < 2000; i++) {
		struct instance *n = running();
		enum status      st;

		fake.calls = 0;
		fake.fail_at = i;
		fake.failure = RC_NO_MEMORY;
		st = open_one();
		if (st == RC_OK && fake.calls < i)
			break;
		fake.fail_at = 0;
		if (st == RC_OK)
			continue;
		CU_ASSERT_FALSE(server.raw[0][0].used);
		CU_ASSERT_EQUAL(open_one(), RC_OK);
		CU_ASSERT_EQUAL(place, 0);
		CU_ASSERT_EQUAL(
		    control(n)->given.client[0].generation, generation);
	}
	CU_ASSERT(i > 100 && i < 2000);
}

/* disk.revoke.1: the disk is unplugged under one client; another has left. */
static void
unplugged(void)
{
	struct instance  *n = running();
	struct request    look = {.data = DEVDB_LOOK};
	struct devdb_disk d;
	uint64_t          count;
	uint16_t          page;

	CU_ASSERT_EQUAL(open_one(), RC_OK);
	page = fake.object[fake.reg[rq.out_cap[0]]].slot[0];
	look.out_string = &d;
	CU_ASSERT_EQUAL(devdb_do_disk(&look, 0, &count), RC_OK);
	CU_ASSERT_EQUAL(count, 1);
	CU_ASSERT_EQUAL(d.sectors, DISK_SECTORS);
	CU_ASSERT_STRING_EQUAL(d.client[0].label, "someone");
	CU_ASSERT_EQUAL(d.client[0].writes, 1);
	CU_ASSERT_EQUAL(d.client[1].label[0], 0);
	device_unbind(&server.device[0]);
	CU_ASSERT_FALSE(n->used);
	CU_ASSERT_EQUAL(*(uint32_t *)(void *)(fake.object[page].page + 4), 0);
	CU_ASSERT_EQUAL(devdb_do_disk(&look, 0, &count), RC_OK);
	CU_ASSERT_EQUAL(d.device[0], 0);
	CU_ASSERT_EQUAL(devdb_do_disk(&look, 1, &count), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(open_one(), RC_NOT_FOUND);
}

static struct block_control *
ring_control(const struct instance *n)
{
	uint16_t ring = fake_instance(n, INST_RING_NODE);

	return (void *)fake.object[fake.object[ring].slot[0]].page;
}

/* How often the server's notice in this slot was rung. */
static unsigned
rung(enum server_slot slot)
{
	uint16_t bell = fake.object[fake.reg[REG_NODE]].slot[slot];
	unsigned n = 0;

	for (unsigned i = 0; i < fake.logged; i++)
		n += fake.log[i].object == bell;
	return n;
}

/* A heartbeat; `looks`: the store did, after the last one. */
static void
beat(struct instance *n, bool looks)
{
	if (looks)
		ring_control(n)->completion.waiting = 1;
	store_watch(n);
	CU_ASSERT_EQUAL(ring_control(n)->completion.waiting, 0);
	CU_ASSERT_EQUAL(fake.logged - 1,
	    (unsigned)fake_last_of(fake_instance(n, INST_CLIENT)));
}

/* S11: a store that does not look at its ring, though it is
 * rung, is said to be silent, once; and to be back, once. */
static void
silent_store(void)
{
	struct instance *n = running();

	for (unsigned i = 0; i < 3 * STORE_BEATS_MISSED; i++)
		beat(n, true);
	for (unsigned i = 1; i < STORE_BEATS_MISSED; i++)
		beat(n, false);
	CU_ASSERT_FALSE(server.store_silent);
	/* Late, but there: counted from the beginning. */
	beat(n, true);
	for (unsigned i = 1; i < STORE_BEATS_MISSED; i++)
		beat(n, false);
	CU_ASSERT_EQUAL(rung(SLOT_STORE_SILENT), 0);
	for (unsigned i = 0; i < 3; i++)
		beat(n, false);
	CU_ASSERT(server.store_silent);
	CU_ASSERT_EQUAL(rung(SLOT_STORE_SILENT), 1);
	CU_ASSERT_EQUAL(rung(SLOT_STORE_ANSWERS), 0);
	beat(n, true);
	beat(n, true);
	CU_ASSERT_FALSE(server.store_silent);
	CU_ASSERT_EQUAL(rung(SLOT_STORE_SILENT), 1);
	CU_ASSERT_EQUAL(rung(SLOT_STORE_ANSWERS), 1);
	/* Of a driver that the store has not been told of nothing is asked. */
	n->attached = false;
	ring_control(n)->completion.waiting = 1;
	store_watch(n);
	CU_ASSERT_EQUAL(ring_control(n)->completion.waiting, 1);
}

/* disk.volume.2: that the disk with the volume is torn out is told to people;
 * that another is, is not. */
static void
volume_gone(void)
{
	for (unsigned kind = 0; kind < 2; kind++) {
		struct instance *n = running();

		ring_control(n)->claim.decided = 1;
		ring_control(n)->claim.sectors = kind == 0 ? 0 : 100;
		devices_rescan();
		CU_ASSERT_FALSE(n->used);
		CU_ASSERT_EQUAL(rung(SLOT_VOLUME_GONE), kind);
	}
}

static struct devdb_disk
record_of(uint64_t disk)
{
	struct devdb_disk r;
	uint64_t          count;

	rq = (struct request){.out_string = &r};
	CU_ASSERT_EQUAL(devdb_do_disk(&rq, disk, &count), RC_OK);
	return r;
}

/* Another disk comes into the place of the first device. */
static struct instance *
plugs(void)
{
	struct instance *n = &server.instance[0];

	(void)devices_match();
	CU_ASSERT_FATAL(n->used && !n->running);
	CU_ASSERT_EQUAL_FATAL(instance_start(n), RC_OK);
	CU_ASSERT_EQUAL_FATAL(instance_attach(n), RC_OK);
	control(n)->said.state = CONTROL_UP;
	control(n)->said.sectors = DISK_SECTORS;
	return n;
}

/*
 * disk.number.1: the number of a disk that is gone is given to the next, as
 * often as that happens; and that is another disk for whoever has asked for
 * the serial.
 */
static void
numbers_come_back(void)
{
	struct instance *n = running();
	uint64_t         last = 0;

	for (unsigned i = 0; i < 10 * SERVER_DISKS; i++) {
		uint64_t client;

		CU_ASSERT_EQUAL(n->disk, 0);
		CU_ASSERT_EQUAL(open_one(), RC_OK);
		CU_ASSERT(serial > last);
		CU_ASSERT_EQUAL(record_of(0).serial, serial);
		last = serial;
		client = generation;
		device_unbind(&server.device[0]);
		CU_ASSERT_EQUAL(open_one(), RC_NOT_FOUND);
		CU_ASSERT_EQUAL(record_of(0).device[0], '\0');
		n = plugs();
		rq.data = DEVDB_RAW;
		CU_ASSERT_EQUAL(devdb_do_disk_close(&rq, 0, place, client),
		    RC_NOT_FOUND);
	}
	CU_ASSERT_EQUAL(server.disks, 1);
}

/*
 * disk.number.2: that of the disk with the volume, for which the store waits,
 * is nobody else's, and neither is one of which nobody can tell.
 */
static void
volumes_number_stays(void)
{
	static const enum status said[] = {RC_TAKEN, RC_VOID};

	for (unsigned i = 0; i < 2; i++) {
		struct instance *n = running();

		fake.detaching = said[i];
		device_unbind(&server.device[0]);
		fake.detaching = RC_OK;
		n = plugs();
		CU_ASSERT_EQUAL(n->disk, 1);
		CU_ASSERT_EQUAL(record_of(0).device[0], '\0');
		device_unbind(&server.device[0]);
		CU_ASSERT_EQUAL(plugs()->disk, 1);
	}
}

/* disk.number.3: there is none left: the disk is not announced, and says why.
 */
static void
no_number_left(void)
{
	struct instance *n = running();

	for (unsigned i = 0; i < SERVER_DISKS; i++)
		server.disk[i] = 100;
	n->disk = NONE;
	CU_ASSERT_EQUAL(instance_attach(n), RC_LIMIT);
	CU_ASSERT_EQUAL(n->disk, NONE);
	server.disk[2] = 0;
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	CU_ASSERT_EQUAL(n->disk, 2);
	/* It keeps that over its driver's death. */
	instance_stop(n);
	CU_ASSERT_EQUAL(instance_start(n), RC_OK);
	CU_ASSERT_EQUAL(instance_attach(n), RC_OK);
	CU_ASSERT_EQUAL(n->disk, 2);
}

/* disk.volume.1: the disk with the volume is known, and no other. */
static void
has_volume(void)
{
	struct instance      *n = running();
	uint16_t              ring = fake_instance(n, INST_RING_NODE);
	struct block_control *c =
	    (void *)fake.object[fake.object[ring].slot[0]].page;

	CU_ASSERT_FALSE(disk_has_volume(&server.device[0]));
	c->claim.decided = 1;
	CU_ASSERT_FALSE(disk_has_volume(&server.device[0]));
	c->claim.sectors = 100;
	CU_ASSERT(disk_has_volume(&server.device[0]));
	CU_ASSERT_FALSE(disk_has_volume(&server.device[1]));
	device_unbind(&server.device[0]);
	CU_ASSERT_FALSE(disk_has_volume(&server.device[0]));
}

const struct runner_test disk_tests[] = {
    RUNNER_TEST(a_place),
    RUNNER_TEST(refusals),
    RUNNER_TEST(places),
    RUNNER_TEST(over_a_restart),
    RUNNER_TEST(any_failure),
    RUNNER_TEST(other_pages),
    RUNNER_TEST(unplugged),
    RUNNER_TEST(has_volume),
    RUNNER_TEST(numbers_come_back),
    RUNNER_TEST(volumes_number_stays),
    RUNNER_TEST(no_number_left),
    RUNNER_TEST(silent_store),
    RUNNER_TEST(volume_gone),
    {NULL, NULL},
};
