/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the QEMU driver with a guest of one sector (echo.S), whose image
 * the environment variable ECHO_IMAGE names.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum { BOOT_S = 20, SOON_S = 5 };

static struct vm *
start_echo(struct vm_config config)
{
	struct vm *vm;

	config.image = getenv("ECHO_IMAGE");
	vm = vm_start(&config);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	CU_ASSERT_FATAL(vm_expect(vm, "echo ready on 1\n", BOOT_S));
	return vm;
}

/* Lets a test provoke complaints without them standing in its log. */
static int
hush_to(const char *path)
{
	int saved = dup(STDERR_FILENO);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(file, STDERR_FILENO);
	close(file);
	return saved;
}

static int
hush(void)
{
	return hush_to("/dev/null");
}

static void
unhush(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* Removes what a machine whose complaints were wanted has left. */
static void
free_failed(struct vm *vm)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -r '%s'", vm_dir(vm));
	vm_free(vm);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* vm.serial.1: what is sent comes back, on each port on its own. */
static void
serial_echoes(void)
{
	struct vm *vm = start_echo((struct vm_config){.snapshot = true});

	CU_ASSERT(vm_send(vm, "hello 42;"));
	CU_ASSERT(vm_expect_re(vm, "hel+o ([0-9]+);", SOON_S));
	CU_ASSERT_STRING_EQUAL(vm_match(vm, 1), "42");
	CU_ASSERT_STRING_EQUAL(vm_match(vm, 2), "");
	CU_ASSERT(vm_expect_on(vm, 1, "echo ready on 2", SOON_S));
	CU_ASSERT(vm_send_on(vm, 1, "two;", 4));
	CU_ASSERT(vm_expect_on(vm, 1, "two;", SOON_S));
	CU_ASSERT_PTR_NULL(strstr(vm_transcript(vm, 0), "two;"));
	CU_ASSERT(vm_send(vm, "abcdef;"));
	CU_ASSERT(vm_expect(vm, "de", SOON_S));
	CU_ASSERT_STRING_EQUAL(vm_before(vm), "abc");
	vm_free(vm);
}

/* vm.serial.2: much more than the sockets hold passes without a jam. */
static void
serial_streams(void)
{
	enum { LINES = 2000 };
	struct vm *vm = start_echo((struct vm_config){.snapshot = true});
	char       line[80];

	for (int i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "%060d\n", i);
		if (!vm_send(vm, line))
			break;
	}
	CU_ASSERT(vm_expect_re(vm, "^0+1999$", SOON_S * 4));
	vm_free(vm);
}

/* vm.log.1: the debug console is recorded. */
static void
log_is_recorded(void)
{
	struct vm *vm = start_echo(
	    (struct vm_config){.machine = "pc", .cpu = "", .disk = "ide"});

	CU_ASSERT(vm_log_expect(vm, "the debug console works", SOON_S));
	vm_free(vm);
}

/* Does the machine's state.txt say where the processor stood, and so on? */
static bool
state_is_told(const struct vm *vm)
{
	char command[300];

	snprintf(command, sizeof(command),
	    "cd '%s' && grep -q IP= state.txt && grep -q rd_operations= "
	    "state.txt && grep -q 'info irq' state.txt",
	    vm_dir(vm));
	return system(command) == 0;
}

/* vm.state.1: who gives up says where the machine stood, and its log's end. */
static void
giving_up_is_told(void)
{
	struct vm *vm = start_echo((struct vm_config){.snapshot = true});
	char       path[300];
	int        saved;

	CU_ASSERT(vm_log_expect(vm, "the debug console works", SOON_S));
	snprintf(path, sizeof(path), "%s/said.txt", vm_dir(vm));
	saved = hush_to(path);
	vm_gave_up(vm, "nothing has moved");
	unhush(saved);
	CU_ASSERT(state_is_told(vm));
	snprintf(path, sizeof(path),
	    "cd '%s' && grep -q 'nothing has moved' said.txt && "
	    "test \"$(grep -c '^---.* IP=.* HLT=.* rd_operations=' "
	    "said.txt)\" = 8 && grep -q 'console works' said.txt",
	    vm_dir(vm));
	CU_ASSERT_EQUAL(system(path), 0);
	free_failed(vm);
}

/* vm.expect.1: a wait that fails ends at its deadline and says no. */
static void
waits_end(void)
{
	struct vm *vm = start_echo((struct vm_config){.snapshot = true});
	int        saved = hush();

	CU_ASSERT_FALSE(vm_expect(vm, "never", 1));
	CU_ASSERT(state_is_told(vm));
	CU_ASSERT_FALSE(vm_expect_re(vm, "ne?ver", 1));
	CU_ASSERT_FALSE(vm_expect_re(vm, "(", 1));
	CU_ASSERT_FALSE(vm_log_expect(vm, "never", 1));
	CU_ASSERT_PTR_NULL(vm_event(vm, "RESET", 1));
	CU_ASSERT_FALSE(vm_do(vm, "no-such-command", NULL));
	/* An error leaves the session usable. */
	CU_ASSERT(vm_do(vm, "query-status", NULL));
	/* And a dead QEMU ends the wait at once, not at its deadline. */
	vm_kill9(vm);
	CU_ASSERT_FALSE(vm_expect(vm, "never", 600));
	CU_ASSERT_FALSE(vm_send(vm, "x"));
	CU_ASSERT_FALSE(vm_do(vm, "query-status", NULL));
	unhush(saved);
	free_failed(vm);
}

/* vm.qmp.1: commands, the human monitor and events. */
static void
qmp_works(void)
{
	struct vm *vm = start_echo((struct vm_config){.snapshot = true});
	json_t    *status = vm_qmp(vm, "query-status", NULL);
	char      *text = vm_hmp(vm, "info pic");
	json_t    *event;

	CU_ASSERT(json_is_true(json_object_get(status, "running")));
	json_decref(status);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "irr="));
	free(text);
	CU_ASSERT(vm_send(vm, "!"));
	event = vm_event(vm, "RESET", SOON_S);
	CU_ASSERT_PTR_NOT_NULL(event);
	json_decref(event);
	CU_ASSERT(vm_expect(vm, "echo ready on 1\n", BOOT_S));
	CU_ASSERT(vm_quit(vm));
	vm_free(vm);
}

/* vm.end.1: with no_reboot a reset ends QEMU, with status 0. */
static void
reset_ends(void)
{
	struct vm *vm = start_echo((struct vm_config){.no_reboot = true});
	int        status = -1;

	CU_ASSERT(vm_send(vm, "!"));
	CU_ASSERT(vm_wait_end(vm, SOON_S, &status));
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_EQUAL(vm_pid(vm), 0);
	vm_free(vm);
}

/* vm.end.2: a test that dies takes its QEMU along. */
static void
qemu_dies_with_the_test(void)
{
	struct vm *vm;
	int        pipes[2], status;
	pid_t      child, qemu = 0;
	char       path[64], text[64] = "gone";

	CU_ASSERT_EQUAL_FATAL(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		vm = vm_start(&(struct vm_config){.snapshot = true});
		qemu = vm != NULL ? vm_pid(vm) : 0;
		if (write(pipes[1], &qemu, sizeof(qemu)) > 0)
			raise(SIGKILL);
		_exit(1);
	}
	CU_ASSERT_EQUAL(read(pipes[0], &qemu, sizeof(qemu)), sizeof(qemu));
	CU_ASSERT_FATAL(qemu > 0);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	close(pipes[0]);
	close(pipes[1]);
	/* The signal is on its way: wait for it to have worked. */
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)qemu);
	for (int i = 0; i < 500; i++) {
		FILE *f = fopen(path, "r");

		if (f == NULL)
			break;
		text[0] = '\0';
		if (fscanf(f, "%*d %*s %60s", text) != 1)
			text[0] = '\0';
		fclose(f);
		if (text[0] == 'Z' || text[0] == '\0')
			break;
		usleep(10000);
		snprintf(text, sizeof(text), "runs");
	}
	CU_ASSERT_STRING_NOT_EQUAL(text, "runs");
}

/* vm.start.1: a QEMU that refuses its arguments is no machine. */
static void
bad_arguments_are_noticed(void)
{
	static const char *const args[] = {"-no-such-option", NULL};
	int                      saved = hush();
	struct vm *vm = vm_start(&(struct vm_config){.args = args});

	unhush(saved);
	CU_ASSERT_PTR_NULL(vm);
	vm_free(vm);
}

/* vm.disk.1: every way to attach the image boots. */
static void
each_disk_boots(void)
{
	static const char *const machines[] = {"q35", "pc"};
	static const char *const disks[] = {
	    "virtio", "ide", "ahci", "nvme", "scsi"};

	for (unsigned m = 0; m < 2; m++)
		for (unsigned d = 0; d < 5; d++)
			vm_free(start_echo((struct vm_config){
			    .machine = machines[m], .disk = disks[d]}));
	vm_free(start_echo((struct vm_config){.iommu = true}));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(serial_echoes),
    RUNNER_TEST(serial_streams),
    RUNNER_TEST(log_is_recorded),
    RUNNER_TEST(giving_up_is_told),
    RUNNER_TEST(waits_end),
    RUNNER_TEST(qmp_works),
    RUNNER_TEST(reset_ends),
    RUNNER_TEST(qemu_dies_with_the_test),
    RUNNER_TEST(bad_arguments_are_noticed),
    RUNNER_TEST(each_disk_boots),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "vm", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
