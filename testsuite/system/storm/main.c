/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything at the wrong time: what is sent breaks off, devices come and go
 * while they are bound, used and removed, and the power fails in the middle.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"
#include "userland/push/frame.h"

enum {
	DEADLINE = 300,
	ROUNDS = 2,
	ACTS = 50,
	SMALL_MB = 48,
};

static const char *const ports[] = {"-device",
    "pcie-root-port,id=rp1,chassis=1,slot=1", "-device",
    "pcie-root-port,id=rp2,chassis=2,slot=2", NULL};

static struct vm *
boot(const char *image, unsigned memory_mb)
{
	return boots_with_line2(&(struct vm_config){
	    .image = image, .memory_mb = memory_mb, .args = ports});
}

/* Bytes on the second line, whatever they are. */
static void
send_bytes(const void *bytes, size_t n)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, line2_path());
	CU_ASSERT_FATAL(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	CU_ASSERT_EQUAL(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

/* A frame as a sender writes it, whole or broken off after n bytes. */
static void
send_frame(uint8_t type, const void *payload, size_t length, size_t n)
{
	struct frame f = {.type = type, .length = (uint16_t)length};
	uint8_t      bytes[FRAME_MOST];
	size_t       whole;

	memcpy(f.payload, payload, length);
	whole = frame_write(&f, bytes);
	send_bytes(bytes, n < whole ? n : whole);
}

/* The first frames of a program of so many bytes, and nothing after them. */
static void
begin_program(uint32_t bytes)
{
	static const uint8_t     data[FRAME_PAYLOAD];
	const struct frame_begin b = {
	    .version = FRAME_VERSION,
	    .bytes = bytes,
	    .kind = FRAME_PROGRAM,
	    .name = "huge",
	};

	send_frame(FRAME_BEGIN, &b, sizeof(b), FRAME_MOST);
	send_frame(FRAME_DATA, data, FRAME_PAYLOAD, FRAME_MOST);
}

/*
 * storm.push.1: a sender that was stopped, within a frame or between two, or
 * that promises more than there can be, harms not the next; nor does a power
 * cut, nor two at once.
 */
static void
pushes_break_off(void)
{
	static const uint8_t data[FRAME_PAYLOAD];
	char                 image[160];
	struct vm           *vm;
	long long            bank;

	snprintf(image, sizeof(image), "%s", work_volume("v", 0));
	CU_ASSERT_FATAL(work_shell("objcopy -S $B/domain/hello.elf $W/h && "
				   "objcopy -S $B/domain/spin.elf $W/s") == 0);
	vm = boot(image, 0);
	send_frame(FRAME_DATA, data, FRAME_PAYLOAD, FRAME_HEAD + 1);
	CU_ASSERT(pushes("driver", "edu", "$B/package/edu.dtbo"));
	answers(vm, "drv", "^edu +not started ");
	answers(vm, "drv forget edu", "is deleted$");
	/* The first program has the constructors make room for themselves. */
	CU_ASSERT(pushes("program", "hello", "$W/h"));
	answers(vm, "forget hello", "deleted$");
	bank = shell_number(vm, "mem", "bank ");
	begin_program(UINT32_MAX);
	begin_program(100000);
	CU_ASSERT_FALSE(pushes("driver", "hello", "$B/domain/hello.elf"));
	CU_ASSERT(work_shell("$T/push %s program hello $W/h & "
			     "$T/push %s program spin $W/s; wait",
		      line2_path(), line2_path()) == 0);
	answers(vm, "run", "^hello +");
	answers(vm, "run", "^spin +");
	begin_program(100000);
	answers(vm, "ckpt now", "^generation");
	vm_kill9(vm);
	vm_free(vm);
	vm = boot(image, 0);
	CU_ASSERT_FALSE(pushes("program", "hello", "/dev/null"));
	CU_ASSERT(pushes("program", "hello", "$W/h"));
	answers(vm, "run spin", "^spin: runs");
	CU_ASSERT_FALSE(pushes("program", "spin", "$W/s"));
	vm_kill9(vm);
	vm_free(vm);
	vm = boot(image, 0);
	free(shell_run(vm, "kill spin"));
	answers(vm, "forget spin", "deleted$");
	/* What was half received at the cut is kept until the next comes. */
	CU_ASSERT(pushes("program", "hello", "$W/h"));
	answers(vm, "forget hello", "deleted$");
	CU_ASSERT_EQUAL(shell_number(vm, "mem", "bank "), bank);
	vm_free(vm);
}

static void
plug(struct vm *vm, const char *driver, const char *id, const char *bus)
{
	json_decref(vm_qmp_raw(vm, "device_add",
	    json_pack(
		"{s:s, s:s, s:s}", "driver", driver, "id", id, "bus", bus)));
}

/* True if QEMU knows no such device (any more). */
static bool
unplug(struct vm *vm, const char *id)
{
	json_t *answer = vm_qmp_raw(
	    vm, "device_del", json_pack("{s:s}", "id", id));
	const char *class = json_string_value(
	    json_object_get(json_object_get(answer, "error"), "class"));
	bool gone = class != NULL && strcmp(class, "DeviceNotFound") == 0;

	json_decref(answer);
	return gone;
}

/* Unplugs until it is gone: the guest may have been asked too early. */
static void
settle(struct vm *vm, const char *id)
{
	long long deadline = vm_deadline(CLAIM_SECONDS);

	do
		if (unplug(vm, id))
			return;
	while (vm_look_again(vm, deadline));
	CU_FAIL("the device stays");
}

/* One thing or another; whether it can be done is not the question. */
static void
act(struct vm *vm, int what)
{
	static const char *const line[] = {"drv add edu", "drv remove edu",
	    "drv restart 01:00.0", "drv restart 02:00.0", "edu 5", "ckpt now",
	    "dev", "caps edu", "kill edu"};

	switch (what % (int)(sizeof(line) / sizeof(line[0]) + 5)) {
	case 0:
		plug(vm, "edu", "a", "rp1");
		break;
	case 1:
		plug(vm, "edu", "b", "rp2");
		break;
	case 2:
		(void)unplug(vm, "a");
		break;
	case 3:
		(void)unplug(vm, "b");
		break;
	case 4:
		plug(vm, "virtio-rng-pci", "a", "rp1");
		break;
	default:
		free(shell_run(
		    vm, line[what % (int)(sizeof(line) / sizeof(line[0]))]));
		break;
	}
}

/* All is as before, and works. */
static void
nothing_is_left(struct vm *vm, const char *mmio)
{
	char *after;

	settle(vm, "a");
	settle(vm, "b");
	free(shell_run(vm, "drv remove edu"));
	answers(vm, "drv", "^edu +not started ");
	lacks(vm, "dma", "edu");
	lacks(vm, "irq", "edu");
	lacks(vm, "dev", "^01:00");
	lacks(vm, "dev", "^02:00");
	after = shell_run(vm, "mmio");
	CU_ASSERT_STRING_EQUAL(after, mmio);
	free(after);
	plug(vm, "edu", "a", "rp1");
	comes(vm, "dev", "^01:00\\.0 +no driver");
	answers(vm, "drv add edu", "^edu: bound to 01:00\\.0$");
	answers(vm, "edu 6", "^6! = 720$");
}

/*
 * storm.plug.1: devices come, go and come again while their driver is added,
 * removed and killed, orders and checkpoints are under way; then the power
 * fails.
 */
static void
devices_come_and_go(void)
{
	char        image[160];
	struct vm  *vm;
	char       *mmio;
	const char *seed = getenv("SEED");

	snprintf(image, sizeof(image), "%s", work_volume("v", 0));
	vm = boot(image, 0);
	mmio = shell_run(vm, "mmio");
	CU_ASSERT(pushes("driver", "edu", "$B/package/edu.dtbo"));
	for (unsigned r = 0; r < ROUNDS; r++) {
		srand(r + (seed == NULL ? 1 : (unsigned)atoi(seed)));
		for (unsigned i = 0; i < ACTS; i++)
			act(vm, rand());
		if (r % 2 == 1) {
			vm_kill9(vm);
			vm_free(vm);
			vm = boot(image, 0);
		}
		nothing_is_left(vm, mmio);
	}
	free(mmio);
	vm_free(vm);
}

/* storm.volume.1: the disk with the volume is not given up. */
static void
volume_stays(void)
{
	static char        drive[160];
	static const char *args[] = {"-device",
	    "pcie-root-port,id=rp1,chassis=1,slot=1", "-device",
	    "pcie-root-port,id=rp2,chassis=2,slot=2", "-drive", drive,
	    "-device", "virtio-blk-pci,id=a,drive=d9,bus=rp1,bootindex=0",
	    NULL};
	struct vm         *vm;
	const char        *image = work_volume("v", 0);

	snprintf(
	    drive, sizeof(drive), "file=%s,format=raw,if=none,id=d9", image);
	vm = boots(&(struct vm_config){.args = args});
	free(shell_run(vm, "fill 8 1000"));
	(void)unplug(vm, "a");
	comes(vm, "log", "^devdb: 01:00.0 is not given up: it has the volume$");
	answers(vm, "ckpt now", "^generation [0-9]+");
	plug(vm, "edu", "b", "rp2");
	comes(vm, "dev", "^02:00.0 +no driver ");
	(void)unplug(vm, "b");
	comes(vm, "log", "^devdb: 02:00.0 is gone$");
	answers(vm, "ckpt now", "^generation [0-9]+");
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(work_path("v")));
}

/* storm.forge.1: a fault is the kernel's to tell of; one that is real counts.
 */
static void
forged_fault(void)
{
	struct vm *vm;

	CU_ASSERT_FATAL(work_shell("objcopy -S $B/domain/forge.elf $W/f && "
				   "objcopy -S $B/domain/wild.elf $W/w") == 0);
	vm = boot(work_volume("v", 0), 0);
	CU_ASSERT_FATAL(pushes("program", "forge", "$W/f"));
	CU_ASSERT_FATAL(pushes("program", "wild", "$W/w"));
	answers(vm, "run forge", "^forge: runs");
	comes(vm, "log", "^forge: status 0$");
	answers(vm, "run wild", "^wild: runs");
	comes(vm, "run", "^wild +faulted ");
	answers(vm, "run", "^forge +running ");
	vm_free(vm);
}

/*
 * storm.hog.1, S2: a program takes all the activities and alarms of a small
 * machine: drivers, checkpoints by the clock and the shell go on.
 */
static void
everything_is_taken(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm;

	CU_ASSERT_FATAL(work_shell("objcopy -S $B/domain/hog.elf $W/g") == 0);
	vm = boot(image, SMALL_MB);
	CU_ASSERT_FATAL(pushes("program", "hog", "$W/g"));
	answers(vm, "run hog", "^hog: runs");
	comes(vm, "log", "^hog: [0-9]{3} processes, .* then status 9$");
	free(shell_run(vm, "count start"));
	CU_ASSERT(disk_commits(vm, CLAIM_SECONDS));
	lacks(vm, "log", "is refused");
	/* S8: more processes come back than may be asked for at a time. */
	answers(vm, "ckpt now", "^generation");
	vm_kill9(vm);
	vm_free(vm);
	vm = boot(image, SMALL_MB);
	CU_ASSERT(disk_commits(vm, CLAIM_SECONDS));
	answers(vm, "count", "counting, 1 restarts$");
	answers(vm, "drv restart com2", "^$");
	comes(vm, "drv", "^uart +com2 +up +1 ");
	answers(vm, "kill hog", "^hog: ended");
	answers(vm, "forget hog", "deleted$");
	vm_free(vm);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(pushes_break_off),
	    RUNNER_TEST(devices_come_and_go),
	    RUNNER_TEST(volume_stays),
	    RUNNER_TEST(everything_is_taken),
	    RUNNER_TEST(forged_fault),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"storm", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
