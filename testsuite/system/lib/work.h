/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test program's scratch directory: the volumes that it boots, breaks and
 * checks. It lies below $ANTEROS_BUILD and goes away when the suite ends.
 */
#ifndef TESTSUITE_SYSTEM_LIB_WORK_H
#define TESTSUITE_SYSTEM_LIB_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For struct runner_suite: 0 for success. */
int work_init(void);
int work_cleanup(void);

/* A path in the directory; good for the next few calls. */
const char *work_path(const char *name);

/*
 * Runs a shell command with the directory in $W, the tools in $T and what is
 * built in $B; returns its exit status.
 */
int work_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A fresh bootable volume: a copy of the image that make built, or, with a
 * size in MiB, one made from the same parts. NULL, with a message, on failure.
 */
const char *work_volume(const char *name, unsigned mib);

/*
 * Runs check-volume, and prints what it says if something is wrong. True: no
 * problem but a superblock that the last power cut may have torn.
 */
bool work_check(const char *path);

/* The number in its last words `generation N`; 0 if there is none. */
uint64_t work_generation(void);

/* Changes a block of a volume (not of the disk): every byte is inverted. */
bool work_damage(const char *path, uint64_t block);

#endif
