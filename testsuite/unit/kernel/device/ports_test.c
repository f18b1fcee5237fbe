/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/device/ports.h"

static const struct cap space = {.type = CK_PORT_SPACE};

static enum status
alloc(uint64_t first, uint64_t count, struct cap *out)
{
	struct invocation *inv = invoke(&space, 0, 0, 0, "uart");
	const enum status  st = method_port_space_alloc(inv, first, count);

	CU_ASSERT_EQUAL(inv->committed, st == RC_OK);
	*out = inv->out_cap[0];
	return st;
}

/* ports.alloc.1: each port has one owner; the kernel's are taken. */
static void
ports_have_one_owner(void)
{
	struct cap a, b;

	start();
	CU_ASSERT_EQUAL(alloc(0x3f8, 8, &a), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x3ff, 1, &b), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0x3f0, 9, &b), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0x3f0, 0x100, &b), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0x3f0, 8, &b), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x400, 8, &b), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x21, 1, &b), RC_TAKEN);
	CU_ASSERT_TRUE(ports_ok());
	CU_ASSERT_EQUAL(method_ports_release(invoke(&a, 0, 0, 0, NULL)), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x3ff, 1, &b), RC_OK);
	CU_ASSERT_TRUE(ports_ok());
}

/* ports.alloc.2: absurd ranges are refused. */
static void
absurd_ranges_are_refused(void)
{
	struct cap c;

	start();
	CU_ASSERT_EQUAL(alloc(0x3f8, 0, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(0x10000, 1, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(0xffff, 2, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(8, UINT64_MAX, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(UINT64_MAX, UINT64_MAX, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(0xffff, 1, &c), RC_OK);
}

/* ports.config.1: the configuration ports are one range or none. */
static void
configuration_is_never_split(void)
{
	struct cap c;
	uint32_t   index = 0;
	uint16_t   port;

	start();
	CU_ASSERT_EQUAL(alloc(0xcf8, 4, &c), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0xcfc, 4, &c), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0xcf0, 0x20, &c), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0xcf8, 8, &c), RC_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(device_find(&c, &index));
	CU_ASSERT_EQUAL(ports_access(index, 0, 4, &port), RC_OK);
	CU_ASSERT_EQUAL(ports_access(index, 4, 1, &port), RC_OK);
	/* The reset port is a byte in the middle. */
	CU_ASSERT_EQUAL(ports_access(index, 1, 1, &port), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ports_access(index, 0, 2, &port), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ports_access(index, 1, 2, &port), RC_ARGUMENT);
}

/* ports.in.1: by invocation, within the range and in three widths. */
static void
access_stays_within(void)
{
	struct cap         c;
	struct invocation *inv;
	struct port_info   info;

	start();
	CU_ASSERT_EQUAL_FATAL(alloc(0x1f0, 8, &c), RC_OK);
	inv = invoke(&c, 0, 0, 0, NULL);
	CU_ASSERT_EQUAL(method_ports_out(inv, 2, 2, 0xabcd), RC_OK);
	CU_ASSERT_EQUAL(fake.port[0x1f2], 0xcd);
	CU_ASSERT_EQUAL(fake.port[0x1f3], 0xab);
	inv = invoke(&c, 0, 0, 0, NULL);
	CU_ASSERT_EQUAL(method_ports_in(inv, 2, 2), RC_OK);
	CU_ASSERT_EQUAL(inv->out_word[1], 0xabcd);
	inv = invoke(&c, 0, 0, 0, NULL);
	CU_ASSERT_EQUAL(method_ports_in(inv, 7, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_ports_in(inv, 8, 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_ports_in(inv, 0, 3), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_ports_in(inv, UINT64_MAX, 1), RC_ARGUMENT);
	CU_ASSERT_FALSE(inv->committed);
	CU_ASSERT_EQUAL(ports_query(1, &info), RC_OK);
	CU_ASSERT_EQUAL(info.first, 0x1f0);
	CU_ASSERT_EQUAL(info.accesses, 2);
}

/* M9: opened at the first fault, closed by release, once for each cause. */
static void
bitmap_opens_once(void)
{
	const struct cap none = {.type = CK_VOID};
	struct cap       c;

	start();
	CU_ASSERT_EQUAL_FATAL(alloc(0x3f8, 8, &c), RC_OK);
	CU_ASSERT_FALSE(ports_open(&none));
	CU_ASSERT_TRUE(ports_open(&c));
	CU_ASSERT_EQUAL(fake.io_first, 0x3f8);
	CU_ASSERT_EQUAL(fake.io_count, 8);
	CU_ASSERT_FALSE(ports_open(&c)); /* It faulted for another reason. */
	CU_ASSERT_EQUAL(method_ports_release(invoke(&c, 0, 0, 0, NULL)), RC_OK);
	CU_ASSERT_EQUAL(fake.io_count, 0);
	CU_ASSERT_FALSE(ports_open(&c));
}

/* ports.query.1: all, in order, the kernel's own among them. */
static void
query_lists_all(void)
{
	struct port_info info;
	struct cap       c;
	uint32_t         last = 0;

	start();
	CU_ASSERT_EQUAL(alloc(0x60, 1, &c), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x10, 1, &c), RC_OK);
	CU_ASSERT_EQUAL(ports_total(), 3);
	for (uint64_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(ports_query(i, &info), RC_OK);
		CU_ASSERT(info.first > last);
		last = info.first;
	}
	CU_ASSERT_EQUAL(ports_query(3, &info), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ports_query(UINT64_MAX, &info), RC_NOT_FOUND);
}

const struct runner_test port_tests[] = {
    RUNNER_TEST(ports_have_one_owner),
    RUNNER_TEST(absurd_ranges_are_refused),
    RUNNER_TEST(configuration_is_never_split),
    RUNNER_TEST(access_stays_within),
    RUNNER_TEST(bitmap_opens_once),
    RUNNER_TEST(query_lists_all),
    {NULL, NULL},
};
