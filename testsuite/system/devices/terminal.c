/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtio console as another terminal of the console. */
#include <CUnit/CUnit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "testsuite/system/devices/devices.h"

enum { DAY = 86400, GRACE = 3 /* Seconds, and the ring is gone. */ };

/* The far end, and what has come out of it since it was last cleared. */
static struct {
	int    fd;
	size_t n;
	char   text[65536];
} far;

static struct vm *
boot(const char *machine)
{
	char              chardev[200];
	const char *const args[] = {"-chardev", chardev, "-device",
	    "virtio-serial-pci,disable-legacy=on,addr=8,id=con", "-device",
	    "virtconsole,chardev=far", NULL};

	snprintf(chardev, sizeof(chardev),
	    "socket,id=far,path=%s,server=on,wait=off", work_path("far"));
	unlink(work_path("far"));
	return devices_boot(machine, args);
}

static void
sit_down(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memset(&far, 0, sizeof(far));
	far.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_FATAL(far.fd >= 0);
	snprintf(
	    address.sun_path, sizeof(address.sun_path), "%s", work_path("far"));
	CU_ASSERT_EQUAL_FATAL(
	    connect(far.fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void
type(const char *text)
{
	far.n = 0;
	CU_ASSERT_EQUAL(write(far.fd, text, strlen(text)), strlen(text));
}

/* Waits until the far end has shown it. */
static void
shows(struct vm *vm, const char *text)
{
	long long deadline = vm_deadline(SHELL_SECONDS);

	do {
		struct pollfd p = {.fd = far.fd, .events = POLLIN};
		ssize_t       n = 0;

		if (poll(&p, 1, 0) > 0)
			n = read(far.fd, far.text + far.n,
			    sizeof(far.text) - 1 - far.n);
		if (n > 0)
			far.n += (size_t)n;
		far.text[far.n] = '\0';
		if (strstr(far.text, text) != NULL)
			return;
	} while (vm_look_again(vm, deadline));
	printf("  the terminal has not shown '%s', but:\n%s\n", text, far.text);
	CU_FAIL("the terminal does not show it");
}

/*
 * devices.terminal.1: what is typed at one end is obeyed and shown at both; a
 * driver that is killed comes back with what had not gone out.
 */
static void
both_ways(const char *machine)
{
	struct vm *vm = boot(machine);

	comes(vm, "dev",
	    "^00:08.0 +bound +(not enforced|unconfined) +1 MSI "
	    "+virtio-console ");
	comes(vm, "drv", "^virtio-console +00:08.0 +up .* port 0$");
	sit_down();
	type("random x\r");
	shows(vm, "random x");
	shows(vm, "random: BYTES is a number");
	CU_ASSERT(vm_expect(vm, "random: BYTES is a number", SHELL_SECONDS));
	CU_ASSERT(vm_expect(vm, "anteros> ", SHELL_SECONDS));
	shows(vm, "anteros> ");
	far.n = 0;
	answers(vm, "date set x", "date: SECONDS is a number");
	shows(vm, "date set x");
	shows(vm, "date: SECONDS is a number");
	CU_ASSERT(devices_interrupts(vm, "virtio-console") > 1);
	answers(vm, "drv restart 00:08.0", "^$");
	free(shell_until(
	    vm, "drv", "^virtio-console +00:08.0 +up +1 ", SHELL_SECONDS));
	type("edu x y z\r");
	shows(vm, "expected: edu N");
	CU_ASSERT(vm_expect(vm, "expected: edu N", SHELL_SECONDS));
	close(far.fd);
	vm_free(vm);
}

static void
terminal(void)
{
	both_ways("q35");
}

/* devices.terminal.2 */
static void
terminal_on_pc(void)
{
	both_ways("pc");
}

/* The seconds of the day, by the battery clock. */
static int
time_of_day(struct vm *vm)
{
	char *answer = shell_run(vm, "date");
	int   hour = 0, minute = 0, second = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	(void)!sscanf(
	    answer, "%*d-%*d-%*d %d:%d:%d", &hour, &minute, &second);
	free(answer);
	CU_ASSERT_FATAL(second >= 0);
	return hour * 3600 + minute * 60 + second;
}

/*
 * devices.terminal.3, S6: a terminal that is pulled out takes the console with
 * it neither at once nor when its ring is gone, a second later.
 */
static void
unplugged(void)
{
	struct vm *vm = boot("pc");
	json_t    *event;
	long long  deadline;
	int        then, passed;

	comes(vm, "drv", "^virtio-console +00:08.0 +up ");
	CU_ASSERT_FATAL(
	    vm_do(vm, "device_del", json_pack("{s:s}", "id", "con")));
	event = vm_event(vm, "DEVICE_DELETED", SHELL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	json_decref(event);
	comes(vm, "log", "00:08.0 is gone");
	then = time_of_day(vm);
	deadline = vm_deadline(SHELL_SECONDS);
	do
		passed = (time_of_day(vm) - then + DAY) % DAY;
	while (passed < GRACE && vm_look_again(vm, deadline));
	CU_ASSERT(passed >= GRACE);
	answers(vm, "dev", "^vga ");
	vm_free(vm);
}

const struct runner_test devices_terminal_tests[] = {
    RUNNER_TEST(terminal),
    RUNNER_TEST(terminal_on_pc),
    RUNNER_TEST(unplugged),
    {NULL, NULL},
};
