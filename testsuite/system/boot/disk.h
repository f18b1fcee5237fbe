/* SPDX-License-Identifier: BSD-2-Clause */
/* Disk images for the tests of the bootstrap, and machines that boot them. */
#ifndef TESTSUITE_SYSTEM_BOOT_DISK_H
#define TESTSUITE_SYSTEM_BOOT_DISK_H

#include <stdint.h>

#include "persist/format/layout.h"

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum {
	BOOT_SECONDS = 40,
	STATUS_KEPT = 33, /* Of QEMU, when the test kernel is content. */
	KIB_RANGE = 1836,
};

/* Offsets in the image. */
#define AT_PARTITION ((long)PARTITION_FIRST_LBA * SECTOR_SIZE)
#define AT_BLOCK(n)  (AT_PARTITION + (n)*4096L)

extern const struct runner_test boot_normal_tests[];
extern const struct runner_test boot_failure_tests[];
extern const struct runner_test boot_choice_tests[];

/* Make and remove the work directory and the image that others copy. */
int disk_init(void);
int disk_cleanup(void);

/* A path in the work directory. */
const char *disk_path(const char *name);

/*
 * Runs a shell command with the work directory in $W, the tools in $T and
 * what is built in $B; asserts that it succeeds.
 */
void disk_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies of the image with one slot, and of that with both, serials 1, 2. */
const char *disk_single(const char *name);
const char *disk_double(const char *name);

/* The block where a slot says that its boot range begins. */
long disk_range_block(const char *image, unsigned slot);

/* Changes one byte of an image. */
void disk_poke(const char *image, long at, uint8_t value);
void disk_flip(const char *image, long at);

/* A machine with the image; what it writes is forgotten. */
struct vm *disk_boot(struct vm_config config);

/* Boots it, and asserts that the test kernel found all promises kept. */
struct vm *disk_boot_well(struct vm_config config);

/* Boots it, and asserts that this is said, and that nothing goes on. */
void disk_boot_badly(struct vm_config config, const char *said);

/* Asserts that the transcript holds the text. */
void disk_said(struct vm *vm, const char *text);

#endif
