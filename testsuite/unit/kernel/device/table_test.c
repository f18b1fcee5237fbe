/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/device/irq.h"
#include "kernel/device/ports.h"
#include "kernel/object/ref.h"

static uint32_t
take(const char *label)
{
	uint32_t index;

	CU_ASSERT_EQUAL_FATAL(device_reserve(), RC_OK);
	(void)device_take(CK_DMA, label, strlen(label), &index);
	return index;
}

/* device.cap.1: a capability dies with its object, and with no other. */
static void
capabilities_die_with_the_object(void)
{
	struct cap a, b;
	uint32_t   i, k;

	start();
	i = take("a");
	k = take("b");
	a = device_cap(i, 0, 0);
	b = device_cap(k, 0, 0);
	CU_ASSERT_TRUE(device_cap_alive(&a));
	device_give(i);
	CU_ASSERT_FALSE(device_cap_alive(&a));
	CU_ASSERT_TRUE(device_cap_alive(&b));
	/* The place is used again, under another count. */
	k = take("c");
	CU_ASSERT_EQUAL(i, k);
	CU_ASSERT_FALSE(device_cap_alive(&a));
}

/* device.cap.2: a forged count, kind, index or source is dead. */
static void
forged_capabilities_are_dead(void)
{
	const struct cap none = {.type = CK_DMA};
	struct cap       c, good;

	start();
	good = device_cap(take("a"), 0, 0);
	c = good;
	c.count++;
	CU_ASSERT_FALSE(device_cap_alive(&c));
	c = good;
	c.type = CK_IRQ;
	CU_ASSERT_FALSE(device_cap_alive(&c));
	c = good;
	c.word += UINT64_C(1000000) << OID_INDEX_BITS;
	CU_ASSERT_FALSE(device_cap_alive(&c));
	c = good;
	c.word ^= UINT64_C(1) << (OID_INDEX_BITS + OID_SOURCE_SHIFT);
	CU_ASSERT_FALSE(device_cap_alive(&c));
	CU_ASSERT_FALSE(device_cap_alive(&none));
	CU_ASSERT_TRUE(device_cap_alive(&good));
}

/* device.cap.3: nobody can name what the kernel keeps to itself. */
static void
kernel_objects_have_no_capability(void)
{
	start();
	for (uint32_t i = 0; i < 2; i++) {
		const struct cap c = device_cap(i, 0, 0);

		CU_ASSERT_TRUE(device_at(i)->kernel);
		CU_ASSERT_FALSE(device_cap_alive(&c));
	}
}

/* M4: a place whose count would wrap is not used again. */
static void
worn_out_places_retire(void)
{
	uint32_t i;

	start();
	i = take("a");
	device_at(i)->generation = UINT32_MAX - 1;
	device_give(i);
	CU_ASSERT_NOT_EQUAL(take("b"), i);
}

/* device.table.1: it grows, refuses when full, and stays whole. */
static void
table_fills_up(void)
{
	enum status st;
	uint32_t    n = 0, index;

	start();
	while ((st = device_reserve()) == RC_OK) {
		(void)device_take(CK_DMA, "x", 1, &index);
		n++;
	}
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT(n > 4096);
	device_give(index);
	CU_ASSERT_EQUAL(device_reserve(), RC_OK);
}

/* device.table.2: without memory nothing changes. */
static void
no_memory_changes_nothing(void)
{
	const struct cap space = {.type = CK_PORT_SPACE};
	struct port_info info;
	uint64_t         before;
	enum status      st = RC_OK;
	uint64_t         port = 0x100;

	start();
	for (; st == RC_OK && port < 0x200; port++) {
		before = ports_total();
		seen.alloc_fails = 1;
		st = method_port_space_alloc(
		    invoke(&space, 0, 0, 0, "p"), port, 1);
	}
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(ports_total(), before);
	CU_ASSERT_EQUAL(ports_query(before, &info), RC_NOT_FOUND);
	seen.alloc_fails = 0;
	CU_ASSERT_TRUE(device_ok());
	CU_ASSERT_EQUAL(
	    method_port_space_alloc(invoke(&space, 0, 0, 0, "p"), port, 1),
	    RC_OK);
}

/* device.label.1: labels are printable and end. */
static void
labels_are_harmless(void)
{
	char to[LABEL_BYTES];

	device_label(to, "a\x1b[2J\xff", 6);
	CU_ASSERT_STRING_EQUAL(to, "a?[2J?");
	device_label(to, "0123456789012345678901234567890123456789", 40);
	CU_ASSERT_EQUAL(strlen(to), LABEL_BYTES - 1);
}

const struct runner_test table_tests[] = {
    RUNNER_TEST(capabilities_die_with_the_object),
    RUNNER_TEST(forged_capabilities_are_dead),
    RUNNER_TEST(kernel_objects_have_no_capability),
    RUNNER_TEST(worn_out_places_retire),
    RUNNER_TEST(table_fills_up),
    RUNNER_TEST(no_memory_changes_nothing),
    RUNNER_TEST(labels_are_harmless),
    {NULL, NULL},
};
