/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints `DRIVER_OPERATION<TAB>instructions`: those that the driver's image
 * executes in many operations, for each of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/system/lib/shell.h"

enum { SECONDS = 30, TIMES = 20, KEYS = 20, ECHOES = 8, PATH = 300 };

static struct {
	struct vm *vm;
	char       plugin[2000], out[PATH], ask[PATH];
	FILE      *counted;
} machine;

/* --- Spans -----------------------------------------------------------------
 */

/* The next time the CPU goes idle a span starts, or ends. */
static bool
turn(void)
{
	const long long deadline = vm_deadline(SECONDS);
	FILE           *f = fopen(machine.ask, "w");

	if (f == NULL || fclose(f) != 0)
		return false;
	while (access(machine.ask, F_OK) == 0)
		if (!vm_look_again(machine.vm, deadline))
			return false;
	return true;
}

/* Of the span that has ended, what an image executed. */
static uint64_t
executed(const char *driver)
{
	char     name[64], image[64], line[256];
	uint64_t n, sum = 0;

	snprintf(name, sizeof(name), "%s.elf", driver);
	while (fgets(line, sizeof(line), machine.counted) != NULL)
		if (sscanf(line, "%" SCNu64 " %63s", &n, image) == 2 &&
		    strcmp(image, name) == 0)
			sum += n;
	clearerr(machine.counted);
	return sum;
}

static bool
figure(const char *driver, const char *operation, uint64_t times)
{
	const uint64_t n = executed(driver);

	if (n == 0 || times == 0) {
		fprintf(stderr, "bench-drivers: %s did nothing\n", driver);
		return false;
	}
	printf("%s_%s\t%" PRIu64 "\n", driver, operation, n / times);
	fflush(stdout);
	return true;
}

/* --- Operations ------------------------------------------------------------
 */

/* A command of the shell, many times; its answer has `expected`. */
static bool
commands(const char *driver, const char *operation, const char *line,
    const char *expected)
{
	bool good = turn();

	for (unsigned i = 0; good && i < TIMES; i++) {
		char *answer = shell_run(machine.vm, line);

		good = answer != NULL && text_matches(answer, expected);
		free(answer);
	}
	return good && turn() && figure(driver, operation, TIMES);
}

/*
 * Characters: the same text on the line, the screen and the other terminal. Few
 * are typed for the many that are shown, and a typed one is one operation, too.
 */
static bool
characters(void)
{
	static const char *const driver[] = {
	    "uart", "vga-text", "virtio-console"};
	const size_t before = strlen(vm_transcript(machine.vm, 0));
	size_t       shown;
	uint64_t     n[3];
	bool         good = turn();

	for (unsigned i = 0; good && i < TIMES; i++) {
		char *answer = shell_run(machine.vm, "help");

		good = answer != NULL;
		free(answer);
	}
	if (!good || !turn())
		return false;
	shown = strlen(vm_transcript(machine.vm, 0)) - before;
	for (unsigned i = 0; i < 3; i++) {
		const long at = ftell(machine.counted);

		n[i] = executed(driver[i]);
		if (n[i] == 0 || shown == 0 ||
		    (i < 2 && fseek(machine.counted, at, SEEK_SET) != 0)) {
			fprintf(stderr, "bench-drivers: %s did nothing\n",
			    driver[i]);
			return false;
		}
		printf("%s_character\t%" PRIu64 "\n", driver[i], n[i] / shown);
	}
	return true;
}

static bool
keys(void)
{
	const long long deadline = vm_deadline(SECONDS);
	bool            good = turn();

	for (unsigned i = 0; good && i < KEYS; i++) {
		const size_t shown = strlen(vm_transcript(machine.vm, 0));

		free(vm_hmp(machine.vm, "sendkey a"));
		while (good && strlen(vm_transcript(machine.vm, 0)) == shown)
			good = vm_look_again(machine.vm, deadline);
	}
	return good && turn() && figure("ps2", "key", KEYS) &&
	    shell_clear(machine.vm);
}

/* The number of the last echo that netping tells of. */
static unsigned
last_echo(void)
{
	char    *answer = shell_run(machine.vm, "log"), *at = answer;
	unsigned n = 0;

	while (at != NULL && (at = strstr(at, "netping: echo ")) != NULL)
		n = (unsigned)strtoul(at += strlen("netping: echo "), NULL, 10);
	free(answer);
	return n;
}

/* Echoes that it sends by itself, twice a second, and gets back. */
static bool
echoes(const char *driver)
{
	const long long deadline = vm_deadline(SECONDS);
	unsigned        first, last;

	do
		first = last_echo();
	while (first == 0 && vm_look_again(machine.vm, deadline));
	if (first == 0 || !turn())
		return false;
	first = last_echo();
	do
		last = last_echo();
	while (last < first + ECHOES && vm_look_again(machine.vm, deadline));
	return last >= first + ECHOES && turn() &&
	    figure(driver, "echo", last - first);
}

/* --- Machines --------------------------------------------------------------
 */

static bool
boot(const char *net)
{
	static const char *const images[] = {"edu", "virtio-rng", "mc146818",
	    "uart", "vga-text", "virtio-console", "ps2", "e1000", "virtio-net"};
	const char *const        build = getenv("ANTEROS_BUILD");
	static char              image[PATH], card[64];
	static const char *const args[] = {"-plugin", machine.plugin, "-device",
	    "edu,addr=8", "-device", "virtio-rng-pci,disable-legacy=on,addr=a",
	    "-chardev", "null,id=far", "-device",
	    "virtio-serial-pci,disable-legacy=on,addr=b", "-device",
	    "virtconsole,chardev=far", "-netdev", "user,id=n0,ipv6=off",
	    "-device", card, NULL};
	int                      n;

	snprintf(machine.out, PATH, "%s/bench/drivers.txt", build);
	snprintf(machine.ask, PATH, "%s/bench/drivers.ask", build);
	snprintf(image, PATH, "%s/devices/devices.img", build);
	snprintf(card, sizeof(card), "%s,netdev=n0,addr=9", net);
	unlink(machine.ask);
	n = snprintf(machine.plugin, sizeof(machine.plugin),
	    "%s/plugin/domains.so,out=%s,ask=%s", build, machine.out,
	    machine.ask);
	for (unsigned i = 0; i < sizeof(images) / sizeof(images[0]); i++)
		n += snprintf(machine.plugin + n,
		    sizeof(machine.plugin) - (size_t)n,
		    ",image=%s/domain/%s.elf", build, images[i]);
	machine.vm = shell_boot(&(struct vm_config){
	    .image = image, .snapshot = true, .args = args});
	machine.counted = machine.vm == NULL ? NULL : fopen(machine.out, "r");
	return machine.counted != NULL;
}

static void
end(void)
{
	if (machine.counted != NULL)
		fclose(machine.counted);
	vm_free(machine.vm);
}

static bool
with_e1000(void)
{
	const bool good = boot("e1000") && echoes("e1000");

	end();
	return good;
}

static bool
with_all(void)
{
	const bool good = boot("virtio-net-pci,disable-legacy=on") &&
	    commands("edu", "factorial", "edu 12", "^12! = 479001600$") &&
	    commands("edu", "copy", "edu copy 0123456789abcdef",
		"^0123456789abcdef$") &&
	    commands("virtio-rng", "16_bytes", "random 16",
		"^([0-9a-f]{2} ){15}[0-9a-f]{2}$") &&
	    commands("mc146818", "read", "date", "^20[0-9]{2}-") &&
	    characters() && keys() && echoes("virtio-net");

	end();
	return good;
}

int
main(void)
{
	return with_all() && with_e1000() ? 0 : 1;
}
