/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/device/irq.h"

static const struct cap space = {.type = CK_IRQ_SPACE};

static uint32_t
line(uint32_t gsi, bool level, const char *label)
{
	struct invocation *inv = invoke(&space, 0, 0, 0, label);
	uint32_t           index = DEVICE_NONE;

	CU_ASSERT_EQUAL_FATAL(
	    method_irq_space_alloc_line(inv, gsi, level, 0), RC_OK);
	CU_ASSERT_PTR_NOT_NULL_FATAL(device_find(&inv->out_cap[0], &index));
	return index;
}

static void
bind(uint32_t index, unsigned bit)
{
	const struct notice_binding b = notice(bit);

	irq_bind(index, &b);
}

/* irq.edge.1: EOI and notice at once; bound means unmasked. */
static void
edge_is_delivered(void)
{
	uint32_t i;

	start();
	i = line(4, false, "uart");
	CU_ASSERT_TRUE(fake.masked[4]);
	bind(i, 3);
	CU_ASSERT_FALSE(fake.masked[4]);
	irq_deliver(fake.vector[4]);
	irq_deliver(fake.vector[4]);
	CU_ASSERT_EQUAL(seen.posts[3], 2);
	CU_ASSERT_EQUAL(fake.eois, 2);
	CU_ASSERT_FALSE(fake.masked[4]);
	CU_ASSERT_TRUE(irq_ok());
}

/* irq.level.1: masked until all sharers have acknowledged. */
static void
level_waits_for_all(void)
{
	uint32_t a, b;

	start();
	a = line(11, true, "net");
	b = line(11, true, "disk");
	bind(a, 1);
	bind(b, 2);
	irq_deliver(fake.vector[11]);
	CU_ASSERT_EQUAL(seen.posts[1], 1);
	CU_ASSERT_EQUAL(seen.posts[2], 1);
	CU_ASSERT_TRUE(fake.masked[11]);
	irq_ack(a, false);
	CU_ASSERT_TRUE(fake.masked[11]);
	irq_ack(a, true); /* Twice is once. */
	CU_ASSERT_TRUE(fake.masked[11]);
	CU_ASSERT_TRUE(irq_ok());
	irq_ack(b, true);
	CU_ASSERT_FALSE(fake.masked[11]);
	CU_ASSERT_TRUE(irq_ok());
}

/* irq.level.2: a sharer that is gone or masked holds up nobody. */
static void
lost_sharers_do_not_block(void)
{
	uint32_t a, b, c;

	start();
	a = line(11, true, "a");
	b = line(11, true, "b");
	c = line(11, true, "c");
	bind(a, 1);
	bind(b, 2);
	bind(c, 3);
	irq_deliver(fake.vector[11]);
	irq_ack(a, true);
	irq_mask(b, true);
	CU_ASSERT_TRUE(fake.masked[11]);
	irq_release(c);
	CU_ASSERT_FALSE(fake.masked[11]);
	CU_ASSERT_TRUE(irq_ok());
	irq_mask(a, true);
	CU_ASSERT_TRUE(fake.masked[11]);
	irq_release(a);
	irq_release(b);
	CU_ASSERT_EQUAL(irq_count(), FAKE_GSIS);
}

/* irq.share.1: only level lines of one polarity are shared. */
static void
only_level_is_shared(void)
{
	start();
	(void)line(5, false, "sb16");
	(void)line(11, true, "net");
	CU_ASSERT_EQUAL(irq_line_check(5, false, false), RC_TAKEN);
	CU_ASSERT_EQUAL(irq_line_check(5, true, false), RC_TAKEN);
	CU_ASSERT_EQUAL(irq_line_check(11, false, false), RC_TAKEN);
	CU_ASSERT_EQUAL(irq_line_check(11, true, true), RC_TAKEN);
	CU_ASSERT_EQUAL(irq_line_check(11, true, false), RC_OK);
	CU_ASSERT_EQUAL(irq_line_check(FAKE_GSIS, true, false), RC_ARGUMENT);
}

/* irq.storm.1: what nobody's device raised is masked, with the names. */
static void
storm_is_masked(void)
{
	uint32_t        a, b;
	unsigned        n = 0;
	struct irq_info info;

	start();
	a = line(10, true, "net");
	b = line(10, true, "disk");
	bind(a, 1);
	bind(b, 2);
	while (!fake.masked[10] && n < 2 * STORM_UNHANDLED) {
		irq_deliver(fake.vector[10]);
		irq_ack(a, false);
		irq_ack(b, false);
		fake.now += 1000;
		n++;
	}
	CU_ASSERT_EQUAL(n, STORM_UNHANDLED);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "storm"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "disk+net"));
	CU_ASSERT_EQUAL(irq_query(10, &info), RC_OK);
	CU_ASSERT_EQUAL(info.bits, IRQ_ALLOCATED | IRQ_MASKED | IRQ_STORM);
	CU_ASSERT_EQUAL(info.unhandled, STORM_UNHANDLED);
	CU_ASSERT_EQUAL(info.owners, 2);
	irq_mask(a, false);
	CU_ASSERT_FALSE(fake.masked[10]);
}

/* irq.storm.2: the same number, spread over time, is none. */
static void
slow_unhandled_is_no_storm(void)
{
	uint32_t a;

	start();
	a = line(10, true, "net");
	bind(a, 1);
	for (unsigned n = 0; n < 2 * STORM_UNHANDLED; n++) {
		irq_deliver(fake.vector[10]);
		irq_ack(a, false);
		fake.now += 1100000;
	}
	CU_ASSERT_FALSE(fake.masked[10]);
	/* And one that is handled now and then starts no new count. */
	CU_ASSERT_PTR_NULL(strstr(fake.log, "storm"));
}

/* irq.storm.3: a flood that is never acknowledged ends too. */
static void
ignored_flood_ends(void)
{
	uint32_t a;

	start();
	a = line(4, false, "uart");
	bind(a, 1);
	for (unsigned n = 0; n < STORM_IGNORED; n++)
		irq_deliver(fake.vector[4]);
	CU_ASSERT_TRUE(fake.masked[4]);
	CU_ASSERT_EQUAL(fake.eois, STORM_IGNORED);
}

/* irq.storm.4: every other edge of a busy line tells what is served already. */
static void
busy_edge_is_no_storm(void)
{
	uint32_t a;

	start();
	a = line(4, false, "uart");
	bind(a, 1);
	for (unsigned n = 0; n < 4 * STORM_UNHANDLED; n++) {
		irq_deliver(fake.vector[4]);
		irq_ack(a, n % 2 == 0);
	}
	CU_ASSERT_FALSE(fake.masked[4]);
	CU_ASSERT_PTR_NULL(strstr(fake.log, "storm"));
}

/* irq.msi.1: vectors run out cleanly; a stray vector costs an EOI. */
static void
messages_run_out(void)
{
	struct cap  cap[HAL_VECTORS];
	enum status st;
	uint32_t    index = DEVICE_NONE;
	unsigned    n = 0;

	start();
	for (;;) {
		struct invocation *inv = invoke(&space, 0, 0, 0, "nvme");

		st = method_irq_space_alloc_msi(inv, 0x18);
		if (st != RC_OK) {
			CU_ASSERT_FALSE(inv->committed);
			break;
		}
		CU_ASSERT_EQUAL(inv->out_word[1], 0xfee00000);
		cap[n++] = inv->out_cap[0];
	}
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(n, HAL_VECTORS);
	CU_ASSERT_EQUAL(irq_count(), FAKE_GSIS + HAL_VECTORS);
	CU_ASSERT_EQUAL(irq_line_check(3, true, false), RC_NO_MEMORY);
	CU_ASSERT_PTR_NOT_NULL_FATAL(device_find(&cap[7], &index));
	irq_release(index);
	CU_ASSERT_PTR_NULL(device_find(&cap[7], &index));
	irq_deliver(7);
	CU_ASSERT_EQUAL(fake.eois, 1);
	CU_ASSERT_EQUAL(irq_line_check(3, true, false), RC_OK);
	CU_ASSERT_TRUE(device_ok());
}

/* irq.query.1: free lines show too; beyond the last is an error. */
static void
query_lists_all(void)
{
	struct irq_info info;

	start();
	(void)line(9, true, "sci");
	CU_ASSERT_EQUAL(irq_query(8, &info), RC_OK);
	CU_ASSERT_EQUAL(info.bits & IRQ_ALLOCATED, 0);
	CU_ASSERT_EQUAL(irq_query(9, &info), RC_OK);
	CU_ASSERT_STRING_EQUAL(info.label, "sci");
	CU_ASSERT_EQUAL(info.line, 9);
	CU_ASSERT_EQUAL(irq_query(FAKE_GSIS, &info), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(irq_query(UINT64_MAX, &info), RC_NOT_FOUND);
}

/* irq.method.1: words out of range change nothing. */
static void
bad_words_are_refused(void)
{
	struct cap c;

	start();
	c = device_cap(line(9, true, "sci"), 0, 0);
	CU_ASSERT_EQUAL(
	    method_irq_ack(invoke(&c, 0, 0, 0, NULL), 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    method_irq_mask(invoke(&c, 0, 0, 0, NULL), 7), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    method_irq_space_alloc_line(
		invoke(&space, 0, 0, 0, "x"), UINT64_C(1) << 32, 1, 0),
	    RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    method_irq_space_alloc_line(invoke(&space, 0, 0, 0, "x"), 3, 2, 0),
	    RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    method_irq_space_alloc_msi(invoke(&space, 0, 0, 0, "x"), 0x10000),
	    RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_irq_release(invoke(&c, 0, 0, 0, NULL)), RC_OK);
}

const struct runner_test irq_tests[] = {
    RUNNER_TEST(edge_is_delivered),
    RUNNER_TEST(level_waits_for_all),
    RUNNER_TEST(lost_sharers_do_not_block),
    RUNNER_TEST(only_level_is_shared),
    RUNNER_TEST(storm_is_masked),
    RUNNER_TEST(slow_unhandled_is_no_storm),
    RUNNER_TEST(busy_edge_is_no_storm),
    RUNNER_TEST(ignored_flood_ends),
    RUNNER_TEST(messages_run_out),
    RUNNER_TEST(query_lists_all),
    RUNNER_TEST(bad_words_are_refused),
    {NULL, NULL},
};
