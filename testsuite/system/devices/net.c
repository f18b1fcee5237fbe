/* SPDX-License-Identifier: BSD-2-Clause */
/* Net drivers: ARP and echo with 10.0.2.2, also after the driver's death. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/devices/devices.h"

enum { SECONDS = 30 };

static void
pings(const char *machine, const char *device, const char *driver)
{
	char              line[80], bound[80];
	const char *const args[] = {
	    "-netdev", "user,id=n0,ipv6=off", "-device", line, NULL};
	struct vm *vm;

	snprintf(line, sizeof(line), "%s,netdev=n0,addr=9", device);
	vm = devices_boot(machine, args);
	snprintf(bound, sizeof(bound), "^00:09.0 +bound +.* %s ", driver);
	comes(vm, "dev", bound);
	comes_within(
	    vm, "log", "^netping: 10.0.2.2 is at 52:55:0a:00:02:02$", SECONDS);
	comes_within(
	    vm, "log", "^netping: echo [0-9]+ .*, as sent$", SECONDS);
	CU_ASSERT(devices_interrupts(vm, driver) > 1);
	answers(vm, "drv restart 00:09.0", "^$");
	comes_within(
	    vm, "log", "^netping: connected, driver instance 2$", SECONDS);
	/* An echo after that line. */
	comes_within(vm, "log",
	    "instance 2$(.*[\n])+netping: echo [0-9]+ .*, as sent$", SECONDS);
	answers(vm, "log", "^netping: echo [0-9]+ .*, as sent$");
	vm_free(vm);
}

/* devices.net.1 */
static void
virtio_net(void)
{
	pings("q35", "virtio-net-pci,disable-legacy=on", "virtio-net");
}

/* devices.net.2: a level interrupt, that it shares on pc. */
static void
e1000(void)
{
	pings("pc", "e1000", "e1000");
}

static void
e1000_q35(void)
{
	pings("q35", "e1000", "e1000");
}

/* How many lines of the log say that an echo came. */
static unsigned
echoes(struct vm *vm)
{
	char    *answer = shell_run(vm, "log"), *at = answer;
	unsigned n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	while ((at = strstr(at, "netping: echo ")) != NULL) {
		n++;
		at++;
	}
	free(answer);
	return n;
}

/*
 * devices.power.2: a network card sleeps with buffers lent and while its client
 * sends; that sees a pause: the same instance, and its echoes go on.
 */
static void
card_sleeps(void)
{
	static const char *const args[] = {"-netdev", "user,id=n0,ipv6=off",
	    "-device", "e1000,netdev=n0,addr=9", "-device", "edu,addr=8", NULL};
	struct vm *vm = devices_boot("q35", args);
	long long  deadline;
	unsigned   before;

	comes_within(vm, "log", "^netping: echo [0-9]+ .*, as sent$", SECONDS);
	answers(vm, "dev suspend 00:09.0", "^$");
	answers(vm, "dev", "^00:09.0 +suspended +off .* e1000 ");
	/*
	 * Others are served, and wait; meanwhile the client says what had come
	 * before, and goes on sending, twice a second.
	 */
	for (unsigned i = 0; i < 5; i++)
		answers(vm, "edu copy this-takes-200-ms", "^this-takes");
	before = echoes(vm);
	for (unsigned i = 0; i < 15; i++)
		answers(vm, "edu copy this-takes-200-ms", "^this-takes");
	CU_ASSERT_EQUAL(echoes(vm), before);
	answers(vm, "dev resume 00:09.0", "^$");
	deadline = vm_deadline(SECONDS);
	while (echoes(vm) == before && vm_look_again(vm, deadline))
		;
	CU_ASSERT(echoes(vm) > before);
	answers(vm, "drv", "^e1000 +00:09.0 +up +0 ");
	lacks(vm, "log", "spoilt|driver instance 2");
	vm_free(vm);
}

const struct runner_test devices_net_tests[] = {
    RUNNER_TEST(virtio_net),
    RUNNER_TEST(e1000),
    RUNNER_TEST(e1000_q35),
    RUNNER_TEST(card_sleeps),
    {NULL, NULL},
};
