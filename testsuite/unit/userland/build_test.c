/* SPDX-License-Identifier: BSD-2-Clause */
/* build_process against the fake kernel: what the process would see. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/rt/build.h"
#include "userland/rt/registers.h"

enum {
	PROCESS = 8,
	SPACE = 9,
	KEEPER = 10,
	SCHED = 11,
};

static const char       *program;
static unsigned char    *image;
static long              image_bytes;
static struct elf_image  parsed;
static struct build_plan plan;

/* A real domain, from the build folder that the test's program lies in. */
static int
load(void)
{
	const char *slash = strrchr(program, '/');
	char        path[512];
	FILE       *f;

	if (slash == NULL)
		return 1;
	snprintf(path, sizeof(path), "%.*s/../domain/shell.elf",
	    (int)(slash - program), program);
	f = fopen(path, "rb");
	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		return 1;
	image_bytes = ftell(f);
	image = malloc((size_t)image_bytes);
	rewind(f);
	if (image == NULL ||
	    fread(image, 1, (size_t)image_bytes, f) != (size_t)image_bytes)
		return 1;
	fclose(f);
	return elf_read(image, (size_t)image_bytes, &parsed) != RC_OK;
}

static int
unload(void)
{
	free(image);
	return 0;
}

static void
start(void)
{
	fake_reset();
	fake.reg[SCHED] = cap_make(CK_SCHEDULE, 0, 7, 0, (oid){0});
	fake.reg[KEEPER] = cap_make(CK_START, 0, 3, 0, (oid){5000});
	plan = (struct build_plan){
	    .image = image,
	    .image_bytes = (size_t)image_bytes,
	    .name = "shell",
	    .bank = REG_BANK,
	    .schedule = SCHED,
	    .keeper = KEEPER,
	    .argument = 42,
	    .scratch = {REG_T0, REG_T1, REG_T2, REG_T3},
	};
}

static bool
page_as_image(const struct elf_segment *s, uint64_t at)
{
	struct cap     page = fake_walk(fake.reg[SPACE], s->address + at);
	const uint8_t *data = s->data;
	const uint8_t *bytes;

	if (page.type != CK_PAGE)
		return false;
	if (((page.rights & CR_READ_ONLY) == 0) != s->writable ||
	    ((page.rights & CR_NO_EXECUTE) == 0) != s->executable)
		return false;
	bytes = fake_page_bytes(page);
	for (uint64_t i = 0; i < PAGE_SIZE; i++)
		if (bytes[i] != (at + i < s->file_bytes ? data[at + i] : 0))
			return false;
	return true;
}

/* rt.build.1: each page is there with its content and rights (W^X). */
static void
space_is_the_image(void)
{
	start();
	CU_ASSERT_EQUAL_FATAL(build_process(&plan, PROCESS, SPACE), RC_OK);
	for (unsigned i = 0; i < parsed.count; i++) {
		const struct elf_segment *s = &parsed.segment[i];

		for (uint64_t at = 0; at < s->memory_bytes; at += PAGE_SIZE)
			CU_ASSERT_FATAL(page_as_image(s, at));
	}
	CU_ASSERT_EQUAL(fake_walk(fake.reg[SPACE], 0x1ff000).type, CK_VOID);
	CU_ASSERT_EQUAL(fake_walk(fake.reg[SPACE], 0).type, CK_VOID);
}

/* rt.build.2: stack, registers, slots and name are set. */
static void
process_is_complete(void)
{
	const struct fake_node *p;
	struct registers        r;
	struct cap              page;

	start();
	CU_ASSERT_EQUAL_FATAL(build_process(&plan, PROCESS, SPACE), RC_OK);
	CU_ASSERT_EQUAL_FATAL(fake.reg[PROCESS].type, CK_PROCESS);
	p = &fake.node[cap_oid(&fake.reg[PROCESS]).v];
	memcpy(&r, p->registers, sizeof(r));
	CU_ASSERT_EQUAL(r.rip, parsed.entry);
	CU_ASSERT_EQUAL(r.rdi, 42);
	CU_ASSERT_EQUAL(r.rsp % 16, 0);
	CU_ASSERT_EQUAL(p->registers[22], parsed.fs_base);
	for (unsigned i = 1; i <= BUILD_STACK_PAGES; i++) {
		page = fake_walk(fake.reg[SPACE], r.rsp - i * PAGE_SIZE);
		CU_ASSERT_EQUAL(page.type, CK_PAGE);
		CU_ASSERT_EQUAL(page.rights, CR_NO_EXECUTE);
	}
	/* Below the stack nothing: an overflow is a fault. */
	CU_ASSERT_EQUAL(fake_walk(fake.reg[SPACE],
			    r.rsp - BUILD_STACK_PAGES * PAGE_SIZE - 1)
			    .type,
	    CK_VOID);
	CU_ASSERT_EQUAL(fake_walk(fake.reg[SPACE], r.rsp).type, CK_VOID);
	CU_ASSERT_EQUAL(p->slot[SLOT_SPACE].type, CK_NODE);
	CU_ASSERT_EQUAL(p->slot[SLOT_SCHEDULE].data, 7);
	CU_ASSERT_EQUAL(p->slot[SLOT_KEEPER].data, 3);
	CU_ASSERT_STRING_EQUAL(p->name, "shell");
}

/* rt.build.3: whichever call fails, its status comes back. */
static void
every_failure_is_reported(void)
{
	unsigned n;

	for (n = 1;; n++) {
		start();
		fake.fail_at = n;
		fake.fail_with = RC_LIMIT;
		if (build_process(&plan, PROCESS, SPACE) == RC_OK)
			break;
		CU_ASSERT_EQUAL_FATAL(fake.calls, n);
	}
	CU_ASSERT(n > 50);
	CU_ASSERT_EQUAL(fake.calls, n - 1);
}

/* rt.build.4: bad images and plans cost nothing. */
static void
bad_plans_are_refused(void)
{
	start();
	plan.image_bytes = 10;
	CU_ASSERT_EQUAL(build_process(&plan, PROCESS, SPACE), RC_CORRUPT);
	plan.image_bytes = (size_t)image_bytes;
	plan.stack_pages = BUILD_STACK_MOST + 1;
	CU_ASSERT_EQUAL(build_process(&plan, PROCESS, SPACE), RC_ARGUMENT);
	CU_ASSERT_EQUAL(fake.calls, 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(space_is_the_image),
    RUNNER_TEST(process_is_complete),
    RUNNER_TEST(every_failure_is_reported),
    RUNNER_TEST(bad_plans_are_refused),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "build", .init = load, .cleanup = unload, .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	program = argv[0];
	return runner_main(argc, argv, suites);
}
