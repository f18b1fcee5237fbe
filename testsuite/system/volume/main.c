/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged and doubtful volumes, and what the running system says of them. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"
#include "testsuite/system/volume/target.h"

enum {
	DEADLINE = 400,
	MEMORY_MB = 64,
	FILL_SECONDS = 120,
	PAGES = 64,
};

static struct target target;

/* A volume that has lived: some generations, and a filling under way. */
static int
prepare(void)
{
	struct vm *vm;
	bool       ok;

	if (work_init() != 0 || work_volume("lived", 0) == NULL)
		return 1;
	vm = shell_boot(&(struct vm_config){
	    .image = work_path("lived"), .memory_mb = MEMORY_MB});
	if (vm == NULL)
		return 1;
	free(shell_run(vm, "fill 8 1000"));
	/* All pages have been bought when it verifies them. */
	free(shell_until(vm, "fill", "^verifying", FILL_SECONDS));
	free(shell_run(vm, "ckpt now"));
	free(shell_run(vm, "count start"));
	ok = shell_number(vm, "ckpt now", "generation") > 0;
	vm_kill9(vm);
	vm_free(vm);
	return ok && target_find(&target, work_path("lived")) ? 0 : 1;
}

/* A copy to be damaged. */
static const char *
lived(void)
{
	CU_ASSERT_EQUAL_FATAL(
	    work_shell("cp --sparse=always $W/lived $W/v"), 0);
	return work_path("v");
}

static struct vm *
boot(const char *image, const char *const *args)
{
	struct vm *vm = vm_start(&(struct vm_config){
	    .image = image,
	    .memory_mb = MEMORY_MB,
	    .snapshot = true,
	    .args = args,
	});

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

static void
says(struct vm *vm, const char *format, uint64_t number)
{
	char text[200];

	snprintf(text, sizeof(text), format, number);
	CU_ASSERT(vm_expect(vm, text, SHELL_BOOT_SECONDS));
}

/* What verifies is used: the shell of that generation answers. */
static void
goes_on_with(struct vm *vm, uint64_t generation)
{
	says(vm, "store: opened at generation %lu ", generation);
	CU_ASSERT(shell_prompts(vm));
	CU_ASSERT(
	    shell_number(vm, "ckpt now", "generation") > (long long)generation);
}

/* The boot range's shell answers, and says that there is no volume. */
static void
boot_range_alone(struct vm *vm)
{
	char *answer;

	CU_ASSERT(vm_expect(
	    vm, "this is the boot range alone\n", SHELL_BOOT_SECONDS));
	CU_ASSERT(vm_expect(vm, "anteros> ", SHELL_BOOT_SECONDS));
	answer = shell_run(vm, "ps");
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(answer, " boot-shell$"));
	free(answer);
}

/* volume.super.1: the older superblock stands in for the newest. */
static void
newest_super(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_FATAL(work_damage(image, target.super));
	vm = boot(image, NULL);
	says(vm, "store: superblock does not verify: slot %lu",
	    target.super - 17);
	goes_on_with(vm, target.older);
	vm_free(vm);
}

/* volume.super.2: neither can be used. */
static void
both_supers(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_FATAL(work_damage(image, 17));
	CU_ASSERT_FATAL(work_damage(image, 18));
	vm = boot(image, NULL);
	says(vm, "store: superblock does not verify: slot 0", 0);
	says(vm, "store: superblock does not verify: slot 1", 0);
	says(vm, "store: no generation can be opened", 0);
	boot_range_alone(vm);
	vm_free(vm);
}

/* volume.map.1: the root of the newest map; the generation before is used. */
static void
map_root(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_FATAL(work_damage(image, target.root));
	vm = boot(image, NULL);
	says(vm, "store: root does not verify: generation %lu", target.newest);
	says(vm, "store: FELL BACK to generation %lu", target.older);
	goes_on_with(vm, target.older);
	vm_free(vm);
}

/*
 * The store says so in the log, and that is no longer on the serial line once a
 * shell has it: then it is asked for.
 */
static bool
names_the_block(struct vm *vm)
{
	long long deadline = vm_deadline(SHELL_BOOT_SECONDS);

	do {
		if (!vm_expect_re(vm,
			"store: (map block|root) does not verify: |(anteros> )",
			SHELL_BOOT_SECONDS))
			return false;
		if (vm_match(vm, 2)[0] == 0)
			return true;
		if (!vm_send(vm, "log\r"))
			return false;
	} while (vm_look_again(vm, deadline));
	return false;
}

/* volume.map.2: a block further down is named when it is needed. */
static void
map_leaf(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_FATAL(target.leaf != 0 && target.leaf != target.root);
	CU_ASSERT_FATAL(work_damage(image, target.leaf));
	vm = boot(image, NULL);
	CU_ASSERT(names_the_block(vm));
	CU_ASSERT(vm_expect(vm, "anteros> ", SHELL_BOOT_SECONDS));
	vm_free(vm);
}

/* volume.data.1: a process that cannot be restored; the others go on. */
static void
state_page(void)
{
	const char *image = lived();
	uint64_t    block = target_process(image, "count");
	struct vm  *vm;
	char       *answer;

	CU_ASSERT_FATAL(block != 0);
	CU_ASSERT_FATAL(work_damage(image, block));
	vm = boot(image, NULL);
	goes_on_with(vm, target.newest);
	answer = shell_until(
	    vm, "log", "^store: object does not verify: key", SHELL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL(answer);
	free(answer);
	vm_free(vm);
}

/* volume.data.2: pages of data; who reads them is told, the others go on. */
static void
data_pages(void)
{
	const char *image = lived();
	uint64_t    block[PAGES];
	unsigned    n = target_pages(image, block, PAGES);
	struct vm  *vm;
	char       *answer;

	CU_ASSERT_EQUAL_FATAL(n, PAGES);
	for (unsigned i = 0; i < n; i++)
		CU_ASSERT_FATAL(work_damage(image, block[i]));
	vm = boot(image, NULL);
	goes_on_with(vm, target.newest);
	answer = shell_until(
	    vm, "log", "^store: object does not verify: key", SHELL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL(answer);
	free(answer);
	answer = shell_run(vm, "count");
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(
	    text_matches(answer, "^[0-9]+ seconds, counting, 1 restarts"));
	free(answer);
	vm_free(vm);
}

/* volume.truncated: it is refused, rather than run into its end. */
static void
truncated(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_EQUAL_FATAL(work_shell("truncate -s 200M $W/v"), 0);
	vm = boot(image, NULL);
	says(vm, "store: disk 0 partition 1 is truncated: ", 0);
	boot_range_alone(vm);
	vm_free(vm);
}

/* volume.header: the block that says what the volume is. */
static void
header(void)
{
	const char *image = lived();
	struct vm  *vm;

	CU_ASSERT_FATAL(target_rename(image));
	vm = boot(image, NULL);
	/* The boot slots are still those of the former volume. */
	CU_ASSERT(vm_expect_re(vm,
	    "is of another volume|holds no volume of this boot|superblock of "
	    "another volume",
	    SHELL_BOOT_SECONDS));
	vm_free(vm);
}

static void
with_second(const char *second, const char *said)
{
	char        drive[400];
	const char *args[] = {
	    "-drive", drive, "-device", "virtio-blk-pci,drive=d1", NULL};
	struct vm *vm;

	snprintf(drive, sizeof(drive),
	    "file=%s,format=raw,if=none,id=d1,snapshot=on", second);
	vm = boot(work_path("lived"), args);
	says(vm, "store: opened at generation %lu ", target.newest);
	CU_ASSERT(shell_prompts(vm));
	CU_ASSERT_PTR_NOT_NULL(
	    shell_until(vm, "log", said, SHELL_BOOT_SECONDS));
	vm_free(vm);
}

/* volume.other: a second disk with a volume of its own is left alone. */
static void
other_volume(void)
{
	with_second(work_volume("other", 64),
	    "^store: disk [01] holds no volume of this boot$");
}

/* volume.twin: two volumes with one UUID. */
static void
twin(void)
{
	with_second(lived(),
	    "has the same UUID as the volume in use on disk [01]: it is left "
	    "alone");
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(newest_super),
	    RUNNER_TEST(both_supers),
	    RUNNER_TEST(map_root),
	    RUNNER_TEST(map_leaf),
	    RUNNER_TEST(state_page),
	    RUNNER_TEST(data_pages),
	    RUNNER_TEST(truncated),
	    RUNNER_TEST(header),
	    RUNNER_TEST(other_volume),
	    RUNNER_TEST(twin),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"volume", prepare, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
