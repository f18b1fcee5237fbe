/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines that commands print, from records that nobody vouches for. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/cmd/format.h"

/* cmd.format.1: hostile records stay within their line. */
static void
hostile_records(void)
{
	char line[FORMAT_BYTES + 1];
	union {
		uint8_t                 bytes[512];
		struct irq_info         irq;
		struct port_info        ports;
		struct mmio_info        mmio;
		struct dma_info         dma;
		struct kinfo_process    process;
		struct kinfo_cap        cap;
		struct devdb_device     device;
		struct devdb_driver     driver;
		struct store_generation generation;
	} r;

	for (unsigned v = 0; v < 256; v += 15) {
		memset(&r, (int)v, sizeof(r));
		line[FORMAT_BYTES] = 'x';
		format_irq(line, &r.irq);
		format_ports(line, &r.ports);
		format_mmio(line, &r.mmio);
		format_dma(line, &r.dma);
		format_process(line, &r.process);
		format_cap(line, "@0", &r.cap, true);
		format_device(line, &r.device);
		format_driver(line, &r.driver);
		CU_ASSERT_EQUAL(line[strlen(line) - 1], '\n');
		CU_ASSERT_PTR_NULL(strchr(line, '\x1b'));
		format_generation(line, &r.generation);
		CU_ASSERT_EQUAL(line[FORMAT_BYTES], 'x');
	}
}

/* cmd.format.2: `dev` fits the 80 columns of the text screen. */
static void
devices_fit_the_screen(void)
{
	struct devdb_device d = {
	    .name = "00:1f.2",
	    .title = "8086:29c0 host bridge",
	    .driver = "virtio-console",
	    .state = DEVDB_UNDRIVEN,
	    .confinement = DEVDB_NOT_ENFORCED,
	    .gsi = {255, 255},
	    .messages = 12,
	};
	char line[FORMAT_BYTES + 1];

	format_device(line, &d);
	CU_ASSERT_STRING_EQUAL(line,
	    "00:1f.2  no driver  not enforced  12 MSI  virtio-console  "
	    "8086:29c0 host bridge\n");
	CU_ASSERT(strlen(line) <= 80);
	CU_ASSERT(strlen(format_device_head) <= 80);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(hostile_records),
    RUNNER_TEST(devices_fit_the_screen),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "format", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
