/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paging volume behind each of the block drivers, with a hostile raw
 * client of the same disk all the time (testsuite/guest/devices/diskpest.c).
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"

enum {
	DEADLINE = 600,
	MEMORY_MB = 48,
	FILL_MB = 64, /* More than memory holds. */
	FILL_SECONDS = 120,
	RESTARTS = 2,
};

static const char *
volume(void)
{
	return work_shell("cp --sparse=always $B/disks/disks.img $W/v") == 0
	    ? work_path("v")
	    : NULL;
}

static struct vm *
boot(const char *machine, const char *disk, const char *image)
{
	return boots(&(struct vm_config){
	    .machine = machine,
	    .disk = disk,
	    .image = image,
	    .memory_mb = MEMORY_MB,
	});
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
		char *channel = strchr(name, '/');

		snprintf(line, sizeof(line), "drv restart %s", name);
		/* One time by the device's name, that has several drivers. */
		if (i == RESTARTS && channel != NULL)
			snprintf(line, sizeof(line), "drv restart %.*s",
			    (int)(channel - name), name);
		answers(vm, line, "^$");
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

	/* It must know the driver whose deaths it is to notice. */
	comes_within(vm, "log", "^pest: 15 refused of 15$", FILL_SECONDS);
	/* It calls itself what would clear the screen. */
	answers(
	    vm, "disk", "^ +raw client pest\\?\\[2J: from 512, may write, ");
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

/* mux.disk.1: the shell looks at disks through its own raw client. */
static void
looks(struct vm *vm, const char *driver)
{
	char line[80];

	snprintf(line, sizeof(line), "^0 +0 +[0-9]+ +- +%s at ", driver);
	answers(vm, "disk", line);
	answers(vm, "disk", "^0.1 +2048 +[0-9]+ +ae +store: the volume$");
	answers(vm, "disk read 0 0", "^1f0 .* 55 aa  .*U[.]$");
	answers(vm, "disk read 0.1 128", "^000  41 56 4f 4c .* AVOL");
	answers(vm, "disk", "^ +raw client disks: from 2048, may read, ");
	answers(vm, "disk read 0.2 0", "^disk: no such partition");
	answers(vm, "disk read 9 0", "^disk: no such disk");
	answers(vm, "disk read 0.1 99999999", "^disk: beyond the end");
	answers(vm, "disk read 0.5 0", "^disk: '0.5' is neither a DISK, ");
	answers(vm, "disk write 0 0", "^expected: disk ");
}

/*
 * mux.disk.2: a raw client writes, begs, floods, breaks its ring and dies, all
 * while the store pages and the driver is killed: it is refused what is not
 * its own, is served when it behaves, and nobody else notices.
 */
static void
pest(struct vm *vm)
{
	comes_within(vm, "log",
	    "^pest: 2000 reads, [12] restarts, now nonsense$", FILL_SECONDS);
	comes_within(vm, "log", "^pest: cut off, and connected again; dies$",
	    FILL_SECONDS);
	answers(vm, "log", "^pest: 8 pages written and read again$");
	answers(vm, "log", "^pest: 15 refused of 15$");
	answers(vm, "log", "^pest: asks again, restart 1$");
	answers(vm, "disk read 0.1 128", "^000  41 56 4f 4c .* AVOL");
}

static void
carries(const char *machine, const char *disk, const char *driver)
{
	const char *image = volume();
	struct vm  *vm;
	long long   generation;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot(machine, disk, image);
	free(shell_run(vm, "count start"));
	looks(vm, driver);
	pages(vm, driver);
	pest(vm);
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
	comes_within(vm, "log", "^pest: 15 refused of 15$", FILL_SECONDS);
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
