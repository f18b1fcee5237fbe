/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/devdb/kit.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/unit/devdb/fixture.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/idl/bank.order.h"
#include "kernel/abi/process.h"

struct server_state server;

/* An image that build_process accepts: see the fixture's images. */
const struct image driver_images[CATALOGUE_DRIVERS];
const uint32_t     driver_image_count = CATALOGUE_DRIVERS;

/* In place of userland/rt's: what matters here comes before and after it. */
enum status build_process(const void *plan, capreg process, capreg space);

enum status
build_process(const void *plan, capreg process, capreg space)
{
	struct message node = {
	    .control = control_make(INVOKE_CALL, REG_SUBBANK) |
		CONTROL_RECEIVE(0, space),
	    .word = {BANK_NODE}};
	struct message make = {.control = control_make(INVOKE_CALL, space) |
		CONTROL_RECEIVE(0, process),
	    .word = {8}};

	(void)plan;
	ant_invoke(&node);
	if (node.word[0] != RC_OK)
		return message_status(&node);
	ant_invoke(&make);
	if (make.word[0] == RC_OK)
		fake.object[fake.reg[process]]
		    .slot[SLOT_SPACE] = fake.reg[space];
	return message_status(&make);
}

/* A server that has found one disk. */
struct instance *
kit_disk(const char *driver, uint16_t vendor, uint16_t id, unsigned unit)
{
	struct device   *d = &server.device[0];
	struct instance *n = &server.instance[0];

	fake_begin_server();
	memset(&server, 0, sizeof(server));
	server.catalogue = *fixture_catalogue();
	server.devices = 1;
	server.instances = 1;
	fixture_function(&d->function, 0x20, vendor, id, 0x010180);
	d->function.msix = 0x40;
	d->function.msix_entries = 2;
	d->function.msix_bar = 1;
	d->function.pba_bar = 1;
	d->function.bar[1] = (struct pci_bar){
	    .first = 0xfebd5000, .bytes = 4096, .kind = PCI_BAR_MEMORY};
	d->function.bar[4] = (struct pci_bar){
	    .first = 0xfe000000, .bytes = 16384, .kind = PCI_BAR_MEMORY};
	if (vendor == 0x8086)
		d->function.bar[4] = (struct pci_bar){
		    .first = 0xc040, .bytes = 16, .kind = PCI_BAR_IO};
	d->board = fixture_pci(&d->function);
	*n = (struct instance){.used = true,
	    .disk = NONE,
	    .unit = (uint8_t)unit,
	    .driver = (uint8_t)fixture_driver(driver)};
	CU_ASSERT_EQUAL_FATAL(plan_make(&n->plan, driver_of(n),
				  &driver_of(n)->unit[unit], &d->board),
	    RC_OK);
	policy_begin(&n->policy, 0);
	return n;
}

/* A server that the catalogue has adopted, with one device and no driver. */
struct device *
kit_lonely(void)
{
	struct device *d = &server.device[0];

	(void)kit_disk("virtio-blk", 0x1af4, 0x1042, 0);
	memset(server.instance, 0, sizeof(server.instance));
	server.instances = 0;
	d->driver = NONE;
	d->function.vendor = 0x1234;
	d->function.device = 0x11e8;
	d->function.class = 0x00ff00;
	return d;
}

/* A record as a package gives it. */
struct catalogue_driver
kit_record(const char *name)
{
	struct catalogue_driver r = fixture_catalogue()
					->driver[fixture_driver("virtio-blk")];

	memset(r.name, 0, sizeof(r.name));
	strcpy(r.name, name);
	r.class = DEVDB_CHAR;
	r.added = true;
	r.resident = false;
	r.priority = 8;
	r.restart_limit = 5;
	r.nmatch = 1;
	r.match[0].vendor = 0x1234;
	r.match[0].device = 0x11e8;
	return r;
}

enum status
kit_add(const struct catalogue_driver *r, uint64_t *bound)
{
	struct request rq = {
	    .data = DEVDB_CATALOGUE,
	    .string = r,
	    .string_bytes = sizeof(*r),
	};

	return devdb_do_add(&rq, bound);
}

/* What stands in for the catalogue: answers the one question. */
enum status
kit_supply(void)
{
	static char    name[DEVDB_NAME];
	struct request rq = {.data = DEVDB_CATALOGUE, .out_string = name};
	uint64_t       instance = 99, ticket = 0;

	if (devdb_do_wanted(&rq, &instance, &ticket) != RC_OK)
		return RC_NOT_FOUND;
	CU_ASSERT_NOT_EQUAL(fake.reg[rq.out_cap[0]], 0);
	CU_ASSERT_EQUAL(
	    devdb_do_build(&rq, instance, ticket + 1, 1, 2), RC_STATE);
	return devdb_do_build(&rq, instance, ticket, 0x200000, 0x300000);
}
