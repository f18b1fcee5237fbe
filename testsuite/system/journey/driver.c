/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk's driver dies under load; nobody above it notices but the log. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/journey/journey.h"

enum {
	DEATHS = 3,
	FILL_SECONDS = 120,
	BIG_MB = 6144,
};

/* The name of the device that the block driver drives. */
static void
disk_device(struct vm *vm, const char *driver, char *device, size_t size)
{
	char *answer = shell_run(vm, "drv");
	char *at, *end;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	at = strstr(answer, driver);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at += strlen(driver);
	at += strspn(at, " ");
	end = at + strcspn(at, " ");
	snprintf(device, size, "%.*s", (int)(end - at), at);
	free(answer);
}

static void
dies_under_load(struct vm_config config, const char *driver)
{
	const char *image = work_volume("v", 0);
	char        device[40], line[80], up[120];
	struct vm  *vm;
	char       *answer;

	config.image = image;
	config.memory_mb = 64;
	vm = journey_boot(config);
	disk_device(vm, driver, device, sizeof(device));
	/* More than memory holds, so that requests are always under way. */
	journey_answers(vm, "fill 64 2", "writing");
	for (int i = 1; i <= DEATHS; i++) {
		snprintf(line, sizeof(line), "drv restart %s", device);
		answer = shell_run(vm, line);
		CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
		CU_ASSERT_STRING_EQUAL(answer, "");
		free(answer);
		snprintf(up, sizeof(up), "^%s +%s +up +%d ", driver, device, i);
		answer = shell_until(vm, "drv", up, 30);
		CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
		free(answer);
	}
	answer = shell_until(vm, "fill", "^done: ", FILL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(
	    answer, "^done: 32768 pages written, 32768 verified, 0 wrong$"));
	free(answer);
	journey_answers(vm, "log", "^store: disk 0 is back, driver instance");
	journey_answers(vm, "ckpt now", "^generation [0-9]+$");
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(image));
}

/* journey.driver.1, 2: both disk drivers. */
static void
virtio_restarted(void)
{
	dies_under_load((struct vm_config){.machine = "q35"}, "virtio-blk");
}

static void
ide_restarted(void)
{
	dies_under_load(
	    (struct vm_config){.machine = "pc", .disk = "ide"}, "ide");
}

/* Presses Enter until something comes back: the line's driver is there. */
static void
console_back(struct vm *vm)
{
	size_t    before = strlen(vm_transcript(vm, 0));
	long long deadline = vm_deadline(SHELL_SECONDS);

	while (strlen(vm_transcript(vm, 0)) < before + 2) {
		CU_ASSERT_FATAL(vm_send(vm, "\r"));
		CU_ASSERT_FATAL(vm_look_again(vm, deadline));
	}
}

/*
 * journey.driver.4: the console's driver. What is typed into the gap may be
 * lost in the device's reset; the console itself is not.
 */
static void
console_restarted(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});
	char      *answer;

	for (int i = 1; i <= DEATHS; i++) {
		char up[60];

		CU_ASSERT(vm_send(vm, "drv restart com1\r"));
		CU_ASSERT(vm_expect(vm, "drv restart com1\n", SHELL_SECONDS));
		CU_ASSERT(vm_expect(vm, "anteros> ", SHELL_SECONDS));
		console_back(vm);
		snprintf(up, sizeof(up), "^uart +com1 +up +%d ", i);
		answer = shell_until(vm, "drv", up, SHELL_SECONDS);
		CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
		free(answer);
	}
	vm_free(vm);
}

/* journey.driver.3: what IDE cannot address passes through bounce frames. */
static void
bounces(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .machine = "pc",
	    .disk = "ide",
	    .memory_mb = BIG_MB,
	    .image = work_volume("v", 0),
	});

	free(shell_run(vm, "fill 4"));
	free(shell_until(vm, "fill", "^done: .* 0 wrong$", FILL_SECONDS));
	journey_answers(vm, "ckpt now", "^generation [0-9]+$");
	/* source pages exposed bits bounces: the last is not 0. */
	journey_answers(
	    vm, "dma", "^[0-9a-f:.]+ +[0-9]+ +[0-9]+ +32 +[1-9][0-9]* ");
	vm_free(vm);
}

const struct runner_test journey_driver_tests[] = {
    RUNNER_TEST(virtio_restarted),
    RUNNER_TEST(ide_restarted),
    RUNNER_TEST(bounces),
    RUNNER_TEST(console_restarted),
    {NULL, NULL},
};
