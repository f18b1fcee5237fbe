/* SPDX-License-Identifier: BSD-2-Clause */
/* The paging volume behind each of the block drivers. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

enum {
	DEADLINE = 600,
	MEMORY_MB = 48,
	FILL_MB = 64, /* More than memory holds. */
	FILL_SECONDS = 120,
	RESTARTS = 2,
};

static struct vm *
boot(const char *machine, const char *disk, const char *image)
{
	struct vm *vm = shell_boot(&(struct vm_config){
	    .machine = machine,
	    .disk = disk,
	    .image = image,
	    .memory_mb = MEMORY_MB,
	});

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

/* The name of the device that this driver drives, or "". */
static void
device_of(struct vm *vm, const char *driver, char *name, size_t room)
{
	char  format[40], word[32] = "";
	char *answer = shell_run(vm, "drv"), *line;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	snprintf(format, sizeof(format), "%s %%31s up", driver);
	for (line = answer; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, driver, strlen(driver)) == 0 &&
		    sscanf(line, format, word) == 1)
			break;
	}
	snprintf(name, room, "%s", word);
	free(answer);
}

/* Killed under load, the driver comes back, and nobody misses anything. */
static void
killed(struct vm *vm, const char *driver)
{
	char  name[32], line[80];
	char *answer;

	device_of(vm, driver, name, sizeof(name));
	CU_ASSERT_FATAL(name[0] != '\0');
	for (unsigned i = 1; i <= RESTARTS; i++) {
		snprintf(line, sizeof(line), "drv restart %s", name);
		free(shell_run(vm, line));
		snprintf(
		    line, sizeof(line), "^%s +%s +up +%u ", driver, name, i);
		answer = shell_until(vm, "drv", line, SHELL_SECONDS);
		CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
		free(answer);
	}
}

static void
pages(struct vm *vm, const char *driver)
{
	char  line[80];
	char *answer;

	snprintf(line, sizeof(line), "fill %u 1", FILL_MB);
	answer = shell_run(vm, line);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT_FATAL(text_matches(answer, "^writing: "));
	free(answer);
	killed(vm, driver);
	snprintf(line, sizeof(line),
	    "^done: %u pages written, %u verified, 0 wrong$", FILL_MB * 256,
	    FILL_MB * 256);
	answer = shell_until(vm, "fill", "^(done|stopped)", FILL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(answer, line));
	free(answer);
}

static void
carries(const char *machine, const char *disk, const char *driver)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm;
	long long   generation;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot(machine, disk, image);
	free(shell_run(vm, "count start"));
	pages(vm, driver);
	generation = shell_number(vm, "ckpt now", "generation");
	CU_ASSERT(generation > 1);
	/* The power fails under load. */
	free(shell_run(vm, "fill 8 1000"));
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(image));
	CU_ASSERT((long long)work_generation() >= generation);
	vm = boot(machine, disk, image);
	CU_ASSERT(shell_number(vm, "count", "") > 0);
	CU_ASSERT(shell_number(vm, "ckpt now", "generation") > generation);
	vm_free(vm);
}

/* disks.q35.1 */
static void
virtio_on_q35(void)
{
	carries("q35", "virtio", "virtio-blk");
}

/* disks.q35.2 */
static void
ide_on_q35(void)
{
	carries("q35", "ide", "ide");
}

/* disks.q35.3 */
static void
ahci_on_q35(void)
{
	carries("q35", "ahci", "ahci");
}

/* disks.q35.4 */
static void
nvme_on_q35(void)
{
	carries("q35", "nvme", "nvme");
}

/* disks.pc.1 */
static void
virtio_on_pc(void)
{
	carries("pc", "virtio", "virtio-blk");
}

/* disks.pc.2 */
static void
ide_on_pc(void)
{
	carries("pc", "ide", "ide");
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(virtio_on_q35),
	    RUNNER_TEST(ide_on_q35),
	    RUNNER_TEST(ahci_on_q35),
	    RUNNER_TEST(nvme_on_q35),
	    RUNNER_TEST(virtio_on_pc),
	    RUNNER_TEST(ide_on_pc),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"disks", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
