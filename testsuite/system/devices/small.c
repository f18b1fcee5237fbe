/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that the shell reaches through the broker. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/system/devices/devices.h"

enum { RESTART_SECONDS = 20, PEST_SECONDS = 30, SECONDS = 30 };

/*
 * devices.edu.1: each factorial is one message, each copy two; a driver that
 * is killed is started again, and its client does not notice.
 */
static void
edu(void)
{
	static const char *const args[] = {"-device", "edu,addr=8", NULL};
	struct vm               *vm = devices_boot("q35", args);
	long long                before;

	comes(
	    vm, "dev", "^00:08.0 +bound +not enforced +1 MSI +edu ");
	answers(vm, "edu 5", "^5! = 120$");
	before = devices_interrupts(vm, "edu ");
	CU_ASSERT(before >= 1);
	answers(vm, "edu 12", "^12! = 479001600$");
	CU_ASSERT_EQUAL(devices_interrupts(vm, "edu "), before + 1);
	answers(vm, "edu copy there-and-back", "^there-and-back$");
	CU_ASSERT_EQUAL(devices_interrupts(vm, "edu "), before + 3);
	answers(vm, "edu 13", "^edu: N is at most 12");
	answers(vm, "edu", "^expected: edu N");
	answers(vm, "drv restart 00:08.0", "^$");
	answers(vm, "edu 6", "^6! = 720$");
	comes_within(vm, "drv", "^edu +00:08.0 +up +1 ", RESTART_SECONDS);
	vm_free(vm);
}

/* devices.edu.2: on the other machine; and without the device it says so. */
static void
edu_on_pc(void)
{
	static const char *const args[] = {"-device", "edu,addr=8", NULL};
	struct vm               *vm = devices_boot("pc", args);

	answers(vm, "edu 7", "^7! = 5040$");
	vm_free(vm);
	vm = devices_boot("q35", NULL);
	answers(vm, "edu 7", "^edu: no driver of an edu device is up");
	vm_free(vm);
}

/*
 * devices.take-over.1, S6: who has lost a driver to another client reads and
 * writes nothing of his ring (testsuite/guest/devices/ringpest.c).
 */
static void
s6_former_client(void)
{
	static const char *const args[] = {
	    "-device", "edu,addr=8", "-device", "edu,addr=9", NULL};
	struct vm *vm = devices_boot("q35", args);

	comes_within(
	    vm, "log", "^ringpest: is the client of instance 1$", PEST_SECONDS);
	answers(vm, "edu 6", "^6! = 720$");
	answers(
	    vm, "log", "^devdb: edu at 00:08.0: has another client");
	comes_within(vm, "log", "^ringpest: it is over$", PEST_SECONDS);
	answers(vm, "edu copy a-secret", "^a-secret$");
	/* Control page, data page and node are void. */
	comes_within(vm, "log",
	    "^ringpest: control page 1, data page 1, node 1$", PEST_SECONDS);
	answers(vm, "edu copy a-secret", "^a-secret$");
	answers(vm, "edu 7", "^7! = 5040$");
	/* It has touched what was mapped, and says nothing any more. */
	answers(vm, "ps", " faulted .* ringpest$");
	lacks(vm, "log", "^ringpest: [A-Z]");
	answers(vm, "drv", "^edu +00:08.0 +up +0 ");
	vm_free(vm);
}

/* devices.clock.1: the battery clock is read and set; it is never wrong by
 * more than the test takes. */
static void
clock_is_set(void)
{
	static const char *const args[] = {
	    "-rtc", "base=2026-02-28T23:59:50", NULL};
	struct vm *vm = devices_boot("q35", args);

	comes(vm, "dev", "^rtc +bound +none +8 +mc146818 +PNP0B00$");
	comes_within(vm, "date", "^2026-03-01 00:0[0-9]:[0-9]{2}$", 30);
	answers(vm, "date set 951868798",
	    "^2000-02-29 23:59:5[89]$|^2000-03-01 00:0");
	comes_within(vm, "date", "^2000-03-01 00:0", 30);
	answers(vm, "date set 5", "^date: the clock knows the years");
	answers(vm, "drv restart rtc", "^$");
	answers(vm, "date", "^2000-03-01 00:0");
	vm_free(vm);
}

/* devices.random.1: bytes come, others each time, also after a restart. */
static void
random_bytes(void)
{
	static const char *const args[] = {
	    "-device", "virtio-rng-pci,disable-legacy=on,addr=8", NULL};
	static const char line[] = "^([0-9a-f]{2} ){15}[0-9a-f]{2}$";
	struct vm        *vm = devices_boot("q35", args);
	char             *first, *second;

	comes(
	    vm, "dev", "^00:08.0 +bound +[a-z ]+ 1 MSI +virtio-rng ");
	first = shell_run(vm, "random");
	second = shell_run(vm, "random");
	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	CU_ASSERT_PTR_NOT_NULL_FATAL(second);
	CU_ASSERT(text_matches(first, line));
	CU_ASSERT(text_matches(second, line));
	CU_ASSERT_STRING_NOT_EQUAL(first, second);
	free(first);
	free(second);
	answers(vm, "drv restart 00:08.0", "^$");
	answers(vm, "random 16", line);
	answers(vm, "random 65", "^random: BYTES is a number from 1 ");
	vm_free(vm);
}

/*
 * devices.broker.1: what takes a device longer than the broker waits before it
 * asks for the driver again, so that ring and doorbell are others meanwhile, is
 * answered all the same. The device gives 16 bytes in so many milliseconds.
 */
static void
slow_device(void)
{
	static const char *const args[] = {"-device",
	    "virtio-rng-pci,disable-legacy=on,addr=8,max-bytes=16,period=1500",
	    NULL};
	struct vm *vm = devices_boot("q35", args);

	for (unsigned i = 0; i < 3; i++)
		answers(vm, "random 16", "^([0-9a-f]{2} ){15}[0-9a-f]{2}$");
	lacks(vm, "log", "^broker: fault");
	answers(vm, "drv", "^virtio-rng +00:08.0 +up +0 ");
	vm_free(vm);
}

/* Asleep its interrupts do not count on, and its DMA is off. */
static void
sleeps(struct vm *vm, const char *device, const char *driver)
{
	char      line[80];
	long long before;

	snprintf(line, sizeof(line), "dev suspend %s", device);
	answers(vm, line, "^$");
	snprintf(
	    line, sizeof(line), "^%s +suspended +off .* %s ", device, driver);
	answers(vm, "dev", line);
	snprintf(line, sizeof(line), "^%s +%s +asleep +0 ", driver, device);
	answers(vm, "drv", line);
	snprintf(line, sizeof(line), "dev suspend %s", device);
	answers(vm, line, "is suspended already; .dev resume");
	before = devices_interrupts(vm, driver);
	comes_within(vm, "log", "suspended$", SECONDS);
	CU_ASSERT_EQUAL(devices_interrupts(vm, driver), before);
	snprintf(line, sizeof(line), "dev resume %s", device);
	answers(vm, line, "^$");
	snprintf(line, sizeof(line), "^%s +bound ", device);
	answers(vm, "dev", line);
	snprintf(line, sizeof(line), "dev resume %s", device);
	answers(vm, line, "is not suspended$");
}

/* devices.power.1: edu and virtio-rng sleep, wake and serve as before. */
static void
small_ones_sleep(void)
{
	static const char *const args[] = {"-device", "edu,addr=8", "-device",
	    "virtio-rng-pci,disable-legacy=on,addr=9", NULL};
	struct vm *vm = devices_boot("q35", args);

	answers(vm, "edu 5", "^5! = 120$");
	sleeps(vm, "00:08.0", "edu");
	answers(vm, "edu copy awake-again", "^awake-again$");
	/* The shell does not wait for what only it can wake. */
	answers(vm, "dev suspend 00:08.0", "^$");
	answers(vm, "edu 5", "^edu: 00:08.0 is suspended; 'dev resume 00:08.0'");
	answers(vm, "dev resume 00:08.0", "^$");
	answers(vm, "edu 5", "^5! = 120$");
	answers(vm, "dev suspend rtc", "^$");
	answers(vm, "date", "^date: rtc is suspended; 'dev resume rtc' wakes");
	answers(vm, "dev resume rtc", "^$");
	answers(vm, "date", "^20[0-9]{2}-");
	answers(vm, "dev suspend kbd", "^dev: kbd is a terminal's; ");
	answers(vm, "dev resume kbd", "^$");
	answers(vm, "random", "^([0-9a-f]{2} ){15}[0-9a-f]{2}$");
	sleeps(vm, "00:09.0", "virtio-rng");
	answers(vm, "random", "^([0-9a-f]{2} ){15}[0-9a-f]{2}$");
	/* The wish outlives the driver. */
	answers(vm, "dev suspend 00:08.0", "^$");
	answers(vm, "drv restart 00:08.0", "^$");
	comes_within(
	    vm, "drv", "^edu +00:08.0 +asleep +1 ", RESTART_SECONDS);
	answers(vm, "dev resume 00:08.0", "^$");
	answers(vm, "edu 6", "^6! = 720$");
	/* What cannot sleep, or is not there. */
	answers(vm, "dev suspend disk0", "the volume is on disk0");
	answers(vm, "dev suspend 00:1f.0", "cannot be suspended$");
	answers(vm, "dev suspend 00:00.0", "no driver of 00:00.0 is up");
	answers(vm, "dev suspend pci", "the driver of pci cannot be suspended$");
	answers(vm, "drv restart pci", "^drv: pci is a bus: ");
	answers(vm, "dev suspend 77:00.0", "no device .77:00.0.");
	answers(vm, "dev resume 77:00.0", "no device .77:00.0.");
	vm_free(vm);
}

const struct runner_test devices_small_tests[] = {
    RUNNER_TEST(edu),
    RUNNER_TEST(edu_on_pc),
    RUNNER_TEST(s6_former_client),
    RUNNER_TEST(small_ones_sleep),
    RUNNER_TEST(clock_is_set),
    RUNNER_TEST(random_bytes),
    RUNNER_TEST(slow_device),
    {NULL, NULL},
};
