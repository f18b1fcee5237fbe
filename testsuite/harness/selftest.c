/* SPDX-License-Identifier: BSD-2-Clause */
/* The harness's own tools find what they are there to find. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/harness/compare.h"
#include "testsuite/runner/runner.h"

const struct driver driver = {.name = "none"};

/* No back end is linked. */
bool
harness_ram(const struct harness *h, uint64_t bus, uint32_t *offset)
{
	(void)h;
	(void)bus;
	*offset = 0;
	return false;
}

static struct trace *
made(const char *const *line)
{
	struct trace *t = trace_new();

	for (; *line != NULL; line++)
		trace_add(t, *line);
	return t;
}

static bool
agree(const char *const *model, const char *const *qemu,
    const struct model_difference *d)
{
	struct trace *a = made(model), *b = made(qemu);
	bool          same = trace_agrees(a, b, d);

	trace_free(a);
	trace_free(b);
	return same;
}

static const struct model_difference none[] = {{NULL, NULL, NULL}};

static const char *const plain[] = {
    "given irqs 1 message 0", "w8 port0+0x1 = 0x0", "r8 port0+0x2 = 0x1", NULL};

/* harness.compare.1: what is common only to one back end does not count. */
static void
equal(void)
{
	static const char *const other[] = {"given irqs 2 message 1",
	    "put 0x0 = 00", "w8 port0+0x1 = 0x0", "mem 0x0 = 01",
	    "r8 port0+0x2 = 0x1", NULL};

	CU_ASSERT(agree(plain, plain, none));
	CU_ASSERT(agree(plain, other, none));
}

/* harness.compare.2: another value, a line more, a line less. */
static void
different(void)
{
	static const char *const value[] = {
	    "w8 port0+0x1 = 0x0", "r8 port0+0x2 = 0x3", NULL};
	static const char *const more[] = {"w8 port0+0x1 = 0x0",
	    "r8 port0+0x2 = 0x1", "w8 port0+0x1 = 0x0", NULL};
	static const char *const less[] = {"w8 port0+0x1 = 0x0", NULL};

	CU_ASSERT_FALSE(agree(plain, value, none));
	CU_ASSERT_FALSE(agree(plain, more, none));
	CU_ASSERT_FALSE(agree(plain, less, none));
}

/* harness.compare.3: a reason covers what it names; if unused it fails. */
static void
reasons(void)
{
	static const struct model_difference pair[] = {
	    {"r8 port0+0x2 = *", "r8 port0+0x2 = 0x3", "why"},
	    {NULL, NULL, NULL}};
	static const struct model_difference extra[] = {
	    {NULL, "irq 0", "why"}, {NULL, NULL, NULL}};
	static const char *const value[] = {
	    "w8 port0+0x1 = 0x0", "r8 port0+0x2 = 0x3", NULL};
	static const char *const irq[] = {
	    "w8 port0+0x1 = 0x0", "irq 0", "r8 port0+0x2 = 0x1", NULL};

	CU_ASSERT(agree(plain, value, pair));
	CU_ASSERT_FALSE(agree(plain, plain, pair));
	CU_ASSERT(agree(plain, irq, extra));
	CU_ASSERT_FALSE(agree(plain, irq, none));
	CU_ASSERT_FALSE(agree(plain, value, extra));
}

/* harness.compare.4: waiting may take more reads or fewer, and no others. */
static void
polls(void)
{
	static const char *const longer[] = {"r8 port0+0x2 = 0x80",
	    "r8 port0+0x2 = 0x80", "r8 port0+0x2 = 0x1", "w8 port0+0x1 = 0x0",
	    NULL};
	static const char *const shorter[] = {
	    "r8 port0+0x2 = 0x1", "w8 port0+0x1 = 0x0", NULL};
	static const char *const one[] = {
	    "r8 port0+0x0 = 0x1", "r8 port0+0x0 = 0x2", NULL};
	static const char *const two[] = {
	    "r8 port0+0x0 = 0x1", "r8 port0+0x0 = 0x3", NULL};

	CU_ASSERT(agree(longer, shorter, none));
	CU_ASSERT(agree(shorter, longer, none));
	CU_ASSERT_FALSE(agree(one, two, none));
}

/* harness.trace.1: bytes come back as they were, at most so many. */
static void
bytes(void)
{
	uint8_t in[600], out[600];
	char   *text;

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = i < 300 ? (uint8_t)(i / 70) : (uint8_t)(i * 7);
	text = trace_text(in, sizeof(in));
	CU_ASSERT_EQUAL(trace_bytes(text, out, sizeof(out)), sizeof(out));
	CU_ASSERT_EQUAL(memcmp(in, out, sizeof(in)), 0);
	CU_ASSERT_EQUAL(trace_bytes(text, out, 10), 10);
	CU_ASSERT_EQUAL(trace_bytes("00*99999999999", out, 10), 10);
	CU_ASSERT_EQUAL(trace_bytes("zz", out, 10), 0);
	free(text);
}

/* harness.trace.2: QEMU's lines within what was given, and no others. */
static void
qemus_lines(void)
{
	static const char text[] =
	    "given port0 0x3f8 0x8\n"
	    "memory_region_ops_write cpu 0 mr 0x55 addr 0x3f9 value 0x5 size 1 "
	    "name 'serial'\n"
	    "memory_region_ops_read cpu -1 mr 0x55 addr 0xcf8 value 0x5 size 4 "
	    "name 'pci-conf-idx'\n"
	    "memory_region_ops_read cpu 0 mr 0x55 nonsense\n";
	char          path[] = "/tmp/harness-trace-XXXXXX";
	int           fd = mkstemp(path);
	struct trace *t;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(
	    write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
	close(fd);
	t = trace_load(path);
	unlink(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL_FATAL(t->count, 2);
	CU_ASSERT_STRING_EQUAL(t->line[1], "w8 port0+0x1 = 0x5");
	trace_free(t);
	CU_ASSERT_PTR_NULL(trace_load("/dev/null"));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(equal),
    RUNNER_TEST(different),
    RUNNER_TEST(reasons),
    RUNNER_TEST(polls),
    RUNNER_TEST(bytes),
    RUNNER_TEST(qemus_lines),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "selftest", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
