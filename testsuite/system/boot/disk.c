/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/boot/disk.h"

#include <CUnit/CUnit.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char work[200];

static const char *
build(void)
{
	const char *b = getenv("ANTEROS_BUILD");

	return b != NULL ? b : "build";
}

const char *
disk_path(const char *name)
{
	static char path[4][300];
	static int  next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", work, name);
	return path[next];
}

static int
shell(const char *command)
{
	char whole[2000];

	snprintf(whole, sizeof(whole),
	    "set -e; W=$(realpath -m %s); B=$(realpath %s);"
	    "T=$B/tools; %s",
	    work, build(), command);
	return system(whole);
}

void
disk_shell(const char *format, ...)
{
	char    command[1500];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	CU_ASSERT_EQUAL_FATAL(shell(command), 0);
}

int
disk_init(void)
{
	char command[300];

	snprintf(work, sizeof(work), "%s/boot/test.%d", build(), (int)getpid());
	snprintf(command, sizeof(command),
	    "mkdir -p $W; $T/mkrange %d $W/range;"
	    "$T/install create --volume $W/single --size 64;"
	    "$T/install slot --image $W/single --kernel $B/boot/testkernel.elf"
	    " --range $W/range --label one >$W/log",
	    KIB_RANGE);
	if (shell(command) != 0)
		return 1;
	return shell("cp --sparse=always $W/single $W/double;"
		     "$T/install slot --image $W/double"
		     " --kernel $B/boot/testkernel.elf --range $W/range"
		     " --label two >>$W/log");
}

int
disk_cleanup(void)
{
	return shell("rm -r $W");
}

static const char *
copy(const char *from, const char *name)
{
	disk_shell("cp --sparse=always $W/%s $W/%s", from, name);
	return disk_path(name);
}

const char *
disk_single(const char *name)
{
	return copy("single", name);
}

const char *
disk_double(const char *name)
{
	return copy("double", name);
}

static void
transfer(const char *image, long at, uint8_t *byte, bool out)
{
	FILE  *f = fopen(image, "r+b");
	size_t done;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fseek(f, at, SEEK_SET), 0);
	done = out ? fwrite(byte, 1, 1, f) : fread(byte, 1, 1, f);
	CU_ASSERT_EQUAL(done, 1);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

void
disk_poke(const char *image, long at, uint8_t value)
{
	transfer(image, at, &value, true);
}

void
disk_flip(const char *image, long at)
{
	uint8_t byte = 0;

	transfer(image, at, &byte, false);
	byte ^= 0x40;
	transfer(image, at, &byte, true);
}

struct vm *
disk_boot(struct vm_config config)
{
	static const char *const exit_device[] = {
	    "-device", "isa-debug-exit,iobase=0xf4,iosize=4"};
	const char *args[24];
	size_t      n = 0;
	struct vm  *vm;

	for (; n < 2; n++)
		args[n] = exit_device[n];
	for (size_t i = 0; config.args != NULL && config.args[i] != NULL; i++) {
		CU_ASSERT_FATAL(n < 23);
		args[n++] = config.args[i];
	}
	args[n] = NULL;
	config.args = args;
	config.snapshot = true;
	config.no_reboot = true;
	vm = vm_start(&config);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

struct vm *
disk_boot_well(struct vm_config config)
{
	struct vm *vm = disk_boot(config);
	int        status = 0;

	CU_ASSERT(vm_wait_end(vm, BOOT_SECONDS, &status));
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == STATUS_KEPT);
	disk_said(vm, "all promises kept\n");
	return vm;
}

void
disk_boot_badly(struct vm_config config, const char *said)
{
	struct vm *vm = disk_boot(config);

	CU_ASSERT(vm_expect(vm, said, BOOT_SECONDS));
	CU_ASSERT_PTR_NULL(strstr(vm_transcript(vm, 0), "testkernel"));
	vm_free(vm);
}

void
disk_said(struct vm *vm, const char *text)
{
	const char *all = vm_transcript(vm, 0);

	if (strstr(all, text) == NULL)
		fprintf(stderr, "not said: %s\nbut:\n%s\n", text, all);
	CU_ASSERT_PTR_NOT_NULL(strstr(all, text));
}

long
disk_range_block(const char *image, unsigned slot)
{
	struct boot_slot head;
	FILE            *f = fopen(image, "rb");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fseek(f, AT_BLOCK(BLOCK_SLOT + slot), SEEK_SET), 0);
	CU_ASSERT_EQUAL(fread(&head, sizeof(head), 1, f), 1);
	CU_ASSERT_EQUAL(fclose(f), 0);
	return (long)head.range_block;
}
