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
	devices_answers(vm, "dev", bound);
	free(shell_until(
	    vm, "log", "^netping: 10.0.2.2 is at 52:55:0a:00:02:02$", SECONDS));
	free(shell_until(
	    vm, "log", "^netping: echo [0-9]+ .*, as sent$", SECONDS));
	CU_ASSERT(devices_interrupts(vm, driver) > 1);
	devices_answers(vm, "drv restart 00:09.0", "^$");
	free(shell_until(
	    vm, "log", "^netping: connected, driver instance 2$", SECONDS));
	/* An echo after that line. */
	free(shell_until(vm, "log",
	    "instance 2$(.*[\n])+netping: echo [0-9]+ .*, as sent$", SECONDS));
	devices_answers(vm, "log", "^netping: echo [0-9]+ .*, as sent$");
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

const struct runner_test devices_net_tests[] = {
    RUNNER_TEST(virtio_net),
    RUNNER_TEST(e1000),
    RUNNER_TEST(e1000_q35),
    {NULL, NULL},
};
