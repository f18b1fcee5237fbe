/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/devdb/fixture.h"

#include <CUnit/CUnit.h>
#include <string.h>

const struct catalogue *
fixture_catalogue(void)
{
	static struct catalogue c;

	if (c.count == 0)
		CU_ASSERT_EQUAL_FATAL(
		    catalogue_read(&c, test_catalogue,
			(size_t)(test_catalogue_end - test_catalogue)),
		    RC_OK);
	return &c;
}

int
fixture_driver(const char *name)
{
	const struct catalogue *c = fixture_catalogue();

	for (unsigned i = 0; i < c->count; i++)
		if (strcmp(c->driver[i].name, name) == 0)
			return (int)i;
	CU_FAIL_FATAL("no such driver");
	return -1;
}

void
fixture_function(struct pci_function *f, uint16_t id, uint16_t vendor,
    uint16_t device, uint32_t class)
{
	*f = (struct pci_function){
	    .id = id,
	    .vendor = vendor,
	    .device = device,
	    .class = class,
	    .gsi = PCI_NO_LINE,
	};
}

struct board_device
fixture_pci(const struct pci_function *f)
{
	struct board_device b = {.bus = CONTROL_BUS_PCI, .pci = f};

	match_pci_name(f->id, b.name);
	return b;
}
