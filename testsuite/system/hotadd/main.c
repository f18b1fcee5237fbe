/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"

enum { DEADLINE = 300, NOISE = 4000, CUTS = 6, PLUGS = 10, RESET_MS = 100 };

static const char *const ports[] = {"-device",
    "pcie-root-port,id=rp1,chassis=1,slot=1", "-device",
    "pcie-root-port,id=rp2,chassis=2,slot=2", NULL};

/* The same machine with the device in it from the start. */
static const char *const plugged[] = {"-device",
    "pcie-root-port,id=rp1,chassis=1,slot=1", "-device",
    "pcie-root-port,id=rp2,chassis=2,slot=2", "-device", "edu,id=edu,bus=rp2",
    NULL};

static struct vm *
boot(const char *machine, const char *image, const char *const *args)
{
	return boots_with_line2(&(struct vm_config){
	    .machine = machine, .image = image, .args = args});
}

/* Anything at all on the line. */
static void
noise(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM, 0);
	uint8_t            bytes[NOISE];

	strcpy(address.sun_path, line2_path());
	CU_ASSERT_FATAL(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	srand(1);
	for (size_t i = 0; i < NOISE; i++)
		bytes[i] = (uint8_t)(rand() % 8 == 0 ? 0xa5
			: rand() % 8 == 0            ? 0x5a
						     : rand());
	CU_ASSERT_EQUAL(write(fd, bytes, NOISE), NOISE);
	close(fd);
}

/* A package of another name, of edu's tree and any domain's image. */
static void
make_package(const char *name, const char *domain)
{
	CU_ASSERT_EQUAL_FATAL(
	    work_shell(
		"sed 's/^\tedu {/\t%s {/' devdb/test/edu.dts >$W/p.dts && "
		"dtc -q -I dts -O dtb -o $W/p.dtb $W/p.dts && "
		"dtc -q -I dts -O dts --annotate -o $W/p.lines $W/p.dts && "
		"objcopy -S $B/domain/%s.elf $W/p.image && "
		"$T/devdb-gen package $W/p.dts $W/p.dtb $W/p.lines "
		"$W/p.image >$W/%s.dtbo",
		name, domain, name),
	    0);
}

static void
s7_bad_packages(struct vm *vm)
{
	noise();
	CU_ASSERT(work_shell("head -c 9000 $B/package/edu.dtbo >$W/cut") == 0);
	CU_ASSERT_FALSE(pushes("driver", "edu", "$W/cut"));
	CU_ASSERT(work_shell("sed s/vendor/vandor/ $B/package/edu.dtbo "
			     ">$W/odd") == 0);
	CU_ASSERT_FALSE(pushes("driver", "edu", "$W/odd"));
	CU_ASSERT_FALSE(pushes("driver", "shell", "$B/domain/hello.elf"));
	answers(vm, "drv history", "refused: its length is not what it says");
	answers(vm, "drv history", "unknown property vandor");
}

/*
 * A package that came and went has left nothing in the bank. Others buy and
 * sell as well while the system starts, so one of a few rounds must be even.
 */
static bool
leaves_nothing(struct vm *vm)
{
	for (unsigned i = 0; i < 5; i++) {
		long long bank = shell_number(vm, "mem", "bank ");

		CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
		answers(vm, "drv add edu", "^edu: bound to 01:00\\.0$");
		answers(vm, "drv remove edu", "^edu: unbound");
		answers(vm, "drv forget edu", "is deleted$");
		if (bank > 0 && shell_number(vm, "mem", "bank ") == bank)
			return true;
	}
	return false;
}

/* Milliseconds that the bus domain has run. */
static unsigned
bus_ran(struct vm *vm)
{
	char    *answer = shell_run(vm, "ps"), *line;
	char     name[32];
	unsigned ms, found = UINT_MAX;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	for (line = answer; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*s %*s %*s %*u %u %*s %31s", &ms, name) ==
			2 &&
		    strcmp(name, "pci") == 0)
			found = ms;
	}
	free(answer);
	CU_ASSERT_NOT_EQUAL_FATAL(found, UINT_MAX);
	return found;
}

/*
 * hotadd.8: a device that is reset by its bridge has 100 ms to come back, in
 * which the bus domain, before which nobody goes, does not run. A host that
 * lets the machine stand still lets anybody seem to, so that one of a few
 * restarts must show it. The driver has died `deaths` times by then.
 */
static void
reset_takes_no_time(struct vm *vm, const char *device, unsigned deaths)
{
	char     line[80];
	unsigned before, took = RESET_MS;

	for (unsigned i = 1; i <= 3 && took >= RESET_MS / 2; i++) {
		before = bus_ran(vm);
		snprintf(line, sizeof(line), "drv restart %s", device);
		answers(vm, line, "^$");
		snprintf(line, sizeof(line), "^edu +%s +up +%u ", device,
		    deaths + i);
		comes(vm, "drv", line);
		took = bus_ran(vm) - before;
	}
	CU_ASSERT(took < RESET_MS / 2);
}

/* hotadd.1: the journey on q35, with a power cut in the middle. */
static void
journey(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm;
	char       *mmio, *after;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot("q35", image, ports);
	mmio = shell_run(vm, "mmio");

	plugs_in(vm, "edu", "edu", "rp2");
	comes(vm, "dev", "^02:00\\.0 +no driver +off .*1234:11e8");
	answers(vm, "dev why 02:00.0", "no driver matches");
	answers(vm, "dev why 02:00.0", "no package in the catalogue matches");
	s7_bad_packages(vm);
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	answers(vm, "drv", "^edu +not started ");
	answers(vm, "dev why 02:00.0", "^package edu: .*'drv add edu'");
	answers(vm, "drv add edu", "^edu: bound to 02:00\\.0$");
	answers(vm, "drv add edu", "^edu: bound to 02:00\\.0$");
	CU_ASSERT_FALSE(pushes("driver", "edu", "$B/package/edu.dtbo"));
	answers(vm, "edu 5", "^5! = 120$");
	answers(vm, "edu 6", "^6! = 720$");
	answers(vm, "irq", "MSI +edu 02:00\\.0 +2 ");
	answers(vm, "dma", "^02:00\\.0 +4 .* edu 02:00\\.0$");
	answers(vm, "mmio", "100000 +[a-z]+ +edu 02:00\\.0$");
	vm_kill9(vm);
	vm_free(vm);

	vm = boot("q35", image, plugged);
	comes(vm, "drv", "^edu +02:00\\.0 +up +0 ");
	answers(vm, "edu 7", "^7! = 5040$");
	answers(vm, "drv restart 02:00.0", "^$");
	comes(vm, "drv", "^edu +02:00\\.0 +up +1 ");
	reset_takes_no_time(vm, "02:00.0", 1);
	unplugs(vm, "edu");
	comes(vm, "log", "devdb: 02:00\\.0 is gone");
	after = shell_run(vm, "dma");
	CU_ASSERT_PTR_NULL(strstr(after, "edu"));
	free(after);
	plugs_in(vm, "edu", "edu", "rp1");
	comes(vm, "drv", "^edu +01:00\\.0 +up +0 ");
	answers(vm, "drv remove edu", "^edu: unbound");
	answers(vm, "dev", "^01:00\\.0 +no driver +off ");
	after = shell_run(vm, "irq");
	CU_ASSERT_PTR_NULL(strstr(after, "edu"));
	free(after);
	after = shell_run(vm, "mmio");
	CU_ASSERT_STRING_EQUAL(after, mmio);
	free(after);
	free(mmio);
	answers(vm, "drv forget edu", "is deleted$");
	CU_ASSERT(leaves_nothing(vm));
	/* The broker was its client. */
	answers(vm, "edu 5", "^edu: no driver of an edu device is up");
	vm_kill9(vm);
	vm_free(vm);
}

/* hotadd.2: on pc the device comes into a slot of bus 0. */
static void
pc_slots(void)
{
	struct vm *vm = boot("pc", work_volume("v", 0), NULL);
	char      *after;

	plugs_in(vm, "edu", "edu", "pci.0");
	comes(vm, "dev", "^00:0[0-9]\\.0 +no driver +off .*1234:11e8");
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	answers(vm, "drv add edu", "^edu: bound to 00:0");
	answers(vm, "edu 5", "^5! = 120$");
	unplugs(vm, "edu");
	comes(vm, "log", "devdb: 00:0.\\.0 is gone");
	after = shell_run(vm, "dma");
	CU_ASSERT_PTR_NULL(strstr(after, "edu"));
	free(after);
	plugs_in(vm, "edu", "edu", "pci.0");
	comes(vm, "drv", "^edu +00:0.\\.0 +up +0 ");
	vm_free(vm);
}

/* hotadd.3: two packages that match equally well bind nobody. */
static void
tie(void)
{
	struct vm *vm = boot("q35", work_volume("v", 0), ports);

	make_package("rival", "edu");
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	CU_ASSERT_FATAL(pushes("driver", "rival", "$W/rival.dtbo"));
	answers(vm, "drv add edu", "no device waits for it");
	answers(vm, "drv add rival", "no device waits for it");
	plugs_in(vm, "edu", "edu", "rp1");
	comes(vm, "dev", "^01:00\\.0 +no driver ");
	answers(vm, "dev why 01:00.0", "two drivers match equally well");
	answers(vm, "drv remove rival", "^rival: unbound");
	comes(vm, "drv", "^edu +01:00\\.0 +up +0 ");
	/* One that the boot range has cannot come twice. */
	CU_ASSERT_FATAL(pushes("driver", "uart", "$B/package/uart.dtbo"));
	answers(vm, "drv add uart", "boot range has a driver of this name");
	vm_free(vm);
}

/*
 * A machine that has come back from a power cut while it tried the package; NULL
 * if the power failed too late: the driver is waited for for five seconds, of
 * which a busy host may take all.
 */
static struct vm *
cut_in_the_trial(void)
{
	const char       *image = work_volume("v", 0);
	struct vm        *vm = boot("q35", image, plugged);
	struct disk_stats before;
	char             *answer;

	CU_ASSERT_FATAL(pushes("driver", "mute", "$W/mute.dtbo"));
	/* The next two flushes are those of the mark. */
	answers(vm, "ckpt every 0", "only when asked$");
	CU_ASSERT_FATAL(disk_stats(vm, &before));
	CU_ASSERT_FATAL(vm_send(vm, "drv add mute\r"));
	CU_ASSERT_FATAL(disk_flushes(vm, &before, 2, CLAIM_SECONDS));
	vm_kill9(vm);
	vm_free(vm);
	vm = boot("q35", image, plugged);
	answer = shell_until(vm, "drv",
	    "^mute +(refused|added|not started) ", CLAIM_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	if (!text_has(answer, "^mute +refused ")) {
		vm_free(vm);
		vm = NULL;
	}
	free(answer);
	return vm;
}

/*
 * S7: a package is marked, on the platter, before it is applied; whoever comes
 * back from a power cut and finds the mark refuses it. This one's driver never
 * says that it is up, so that there is time for the cut.
 */
static void
s7_refused_after_a_crash(void)
{
	struct vm *vm = NULL;

	make_package("mute", "hello");
	for (unsigned i = 0; i < CUTS && vm == NULL; i++)
		vm = cut_in_the_trial();
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	answers(vm, "drv", "^mute +refused .*went down while it was being tried");
	answers(vm, "dev", "^02:00\\.0 +no driver ");
	answers(vm, "dev why 02:00.0", "^package mute: .* was refused");
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	answers(vm, "drv add edu", "^edu: bound to 02:00\\.0$");
	vm_free(vm);
}

/*
 * hotadd.5: a preference decides the tie, over a power cut that follows its
 * answer at once; it can be changed, and nothing else is.
 */
static void
preference(void)
{
	static const char *const there[] = {"-device",
	    "pcie-root-port,id=rp1,chassis=1,slot=1", "-device",
	    "edu,id=edu,bus=rp1", NULL};
	const char              *image = work_volume("v", 0);
	struct vm               *vm = boot("q35", image, ports);

	make_package("rival", "edu");
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	CU_ASSERT_FATAL(pushes("driver", "rival", "$W/rival.dtbo"));
	answers(vm, "drv add edu", "no device waits for it");
	answers(vm, "drv add rival", "no device waits for it");
	plugs_in(vm, "edu", "edu", "rp1");
	comes(vm, "dev", "^01:00\\.0 +no driver ");
	answers(vm, "dev why 01:00.0", "none is bound; 'drv prefer' decides");
	answers(vm, "drv prefer rival nothing", "^no device 'nothing'");
	answers(vm, "drv prefer rival", "^expected: ");
	answers(vm, "drv prefer Rival 01:00.0", "^that is no driver's name");
	answers(vm, "drv prefer rivl 01:00.0",
	    "rivl gets it; no package of this name is here$");
	answers(vm, "drv prefer rival 01:00.0",
	    "^dev[0-9]: of drivers that match equally well, rival gets it$");
	vm_kill9(vm);
	vm_free(vm);
	vm = boot("q35", image, there);
	comes(vm, "drv", "^rival +01:00\\.0 +up ");
	answers(vm, "dev", "^dev[0-9] +01:00\\.0 +1234:11e8, prefers rival$");
	answers(vm, "dev why 01:00.0", "tie, decided by preference: rival$");
	answers(vm, "dev why 01:00.0", "^name: .*; prefers rival$");
	answers(vm, "drv prefer edu 01:00.0", "edu gets it$");
	comes(vm, "drv", "^edu +01:00\\.0 +up ");
	answers(vm, "edu 5", "^5! = 120$");
	vm_free(vm);
}

/* hotadd.6: a card keeps its name, given by people, in another slot. */
static void
names(void)
{
	static const char *const before[] = {"-netdev", "user,id=n0", "-device",
	    "e1000,netdev=n0,mac=52:54:00:00:00:01,addr=9", NULL};
	static const char *const after[] = {"-netdev", "user,id=n0", "-netdev",
	    "user,id=n1", "-device",
	    "e1000,netdev=n0,mac=52:54:00:00:00:01,addr=0xb", "-device",
	    "e1000,netdev=n1,mac=52:54:00:00:00:02,addr=9", NULL};
	const char              *image = work_volume("v", 0);
	struct vm               *vm = boot("q35", image, before);

	comes(vm, "dev", "^net0 +00:09\\.0 +8086:100e 52:54:00:00:00:01$");
	answers(vm, "dev", "^disk0 +00:02\\.0 +1af4:1001$");
	answers(vm, "dev name net0 disk0", "^another device .* disk0$");
	answers(vm, "dev name net0 com2", "^another device .* com2$");
	answers(vm, "dev name net0 0", "is no name");
	answers(vm, "dev name net7 lan", "^no device 'net7'");
	answers(
	    vm, "dev name net0 lan", "^00:09\\.0 is called lan from now on$");
	vm_kill9(vm);
	vm_free(vm);
	vm = boot("q35", image, after);
	comes(vm, "dev", "^lan +00:0b\\.0 +8086:100e 52:54:00:00:00:01$");
	comes(vm, "dev", "^net0 +00:09\\.0 +8086:100e 52:54:00:00:00:02$");
	answers(
	    vm, "drv history", "lan has moved from 00:09\\.0 to 00:0b\\.0$");
	answers(vm, "dev why lan", "^name: lan, known by 52:54:00:00:00:01$");
	answers(vm, "drv restart lan", "^$");
	comes(vm, "drv", "^e1000 +00:0b\\.0 +up +1 ");
	vm_free(vm);
}

/*
 * S6: a handle outlives its driver, the driver's package, the device and the
 * machine's boot; while nobody is there its holder is told so. So does what
 * the shell uses: without a driver it is told, and does not die of it.
 */
static void
s6_handles(void)
{
	struct vm *vm;

	CU_ASSERT_FATAL(work_shell("cp $B/hotadd/holder.img $W/holder") == 0);
	vm = boot("q35", work_path("holder"), plugged);
	comes(vm, "log", "^holder: 96 handles in turn, status 0, 1, 16$");
	CU_ASSERT_FATAL(pushes("driver", "edu", "$B/package/edu.dtbo"));
	comes(vm, "log", "^holder: status 16$");
	answers(vm, "drv add edu", "^edu: bound to 02:00\\.0$");
	comes(vm, "log", "^holder: 5! = 120, driver instance 1$");
	answers(vm, "drv restart 02:00.0", "^$");
	comes(vm, "log", "^holder: 5! = 120, driver instance 2$");
	answers(vm, "drv remove edu", "^edu: unbound");
	comes(vm, "log", "instance 2$(.*[\n])+holder: status 16$");
	answers(vm, "edu 5", "^edu: no driver of an edu device is up");
	answers(vm, "drv add edu", "^edu: bound to 02:00\\.0$");
	comes(vm, "log",
	    "edu was removed$(.*[\n])+holder: 5! = 120, driver "
	    "instance 1$");
	unplugs(vm, "edu");
	comes(vm, "log", "is gone$(.*[\n])+holder: status 16$");
	plugs_in(vm, "edu", "edu", "rp2");
	comes(
	    vm, "log", "is gone$(.*[\n])+holder: 5! = 120, driver instance 1$");
	vm_kill9(vm);
	vm_free(vm);
	vm = boot("q35", work_path("holder"), plugged);
	comes(vm, "log", "^holder: 5! = 120, driver instance 1$");
	/* It is the same handle. */
	lacks(vm, "log", "^holder: has a handle$");
	vm_free(vm);
}

/* A disk that can be unplugged: a copy of the volume, or blank and so large. */
static void
plugs_disk(struct vm *vm, const char *id, const char *bus, unsigned mib)
{
	json_t *node = mib == 0
	    ? json_pack("{s:s, s:s, s:{s:s, s:s}}", "driver", "raw",
		  "node-name", id, "file", "driver", "file", "filename",
		  work_path("copy"))
	    : json_pack("{s:s, s:s, s:I, s:b}", "driver", "null-co",
		  "node-name", id, "size", (json_int_t)mib << 20,
		  "read-zeroes", 1);

	CU_ASSERT_FATAL(vm_do(vm, "blockdev-add", node));
	CU_ASSERT_FATAL(vm_do(vm, "device_add",
	    json_pack("{s:s, s:s, s:s, s:s}", "driver", "virtio-blk-pci",
		"id", id, "bus", bus, "drive", id)));
}

static void
unplugs_disk(struct vm *vm, const char *id)
{
	json_t *event;

	/* QEMU says it of the disk behind the function as well. */
	unplugs(vm, id);
	event = vm_event(vm, "DEVICE_DELETED", CLAIM_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	json_decref(event);
	CU_ASSERT_FATAL(
	    vm_do(vm, "blockdev-del", json_pack("{s:s}", "node-name", id)));
}

/* The disk of this number is blank and so large. */
static void
has_disk(struct vm *vm, unsigned number, unsigned mib)
{
	char line[80];

	snprintf(line, sizeof(line), "^%u +0 +%u +- +virtio-blk at 0[12]:",
	    number, mib * 2048);
	comes(vm, "disk", line);
	snprintf(line, sizeof(line), "disk read %u 2", number);
	answers(vm, line, "^000  00 00 00 ");
}

/*
 * hotadd.7: disks come and go more often than there are numbers; each is read,
 * and what the store knew of the last one that had its number is forgotten.
 */
static void
disks_come_and_go(void)
{
	struct vm *vm = boot("q35", work_volume("v", 0), ports);

	CU_ASSERT_FATAL(
	    work_shell("cp --sparse=always $W/v $W/copy") == 0);
	for (unsigned i = 1; i <= PLUGS; i++) {
		const char *bus = i % 2 != 0 ? "rp1" : "rp2";

		if (i % 4 == 2) {
			plugs_disk(vm, "d", bus, 0);
			comes(vm, "disk", "^1\\.1 +2048 +[0-9]+ +ae +-$");
		} else {
			plugs_disk(vm, "d", bus, i);
			has_disk(vm, 1, i);
			lacks(vm, "disk", "^1\\.1 ");
		}
		unplugs_disk(vm, "d");
		comes(vm, "disk", "^1 +gone$");
	}
	/* Two at once: each keeps its own. */
	plugs_disk(vm, "d", "rp1", 1);
	has_disk(vm, 1, 1);
	plugs_disk(vm, "e", "rp2", 2);
	has_disk(vm, 2, 2);
	unplugs_disk(vm, "d");
	comes(vm, "disk", "^1 +gone$");
	has_disk(vm, 2, 2);
	plugs_disk(vm, "d", "rp1", 3);
	has_disk(vm, 1, 3);
	has_disk(vm, 2, 2);
	lacks(vm, "disk", "^3 ");
	answers(vm, "ckpt now", "generation");
	vm_free(vm);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(journey),
	    RUNNER_TEST(pc_slots),
	    RUNNER_TEST(tie),
	    RUNNER_TEST(s7_refused_after_a_crash),
	    RUNNER_TEST(s6_handles),
	    RUNNER_TEST(preference),
	    RUNNER_TEST(names),
	    RUNNER_TEST(disks_come_and_go),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"hotadd", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
