/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log that QEMU's blklogwrites keeps, in the format of the Linux kernel's
 * dm-log-writes: a superblock, then each request in the order of its issue, a
 * sector of its own before its data.
 */
#ifndef TESTSUITE_SYSTEM_POWER_LOG_H
#define TESTSUITE_SYSTEM_POWER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOG_SECTOR = 512,
	LOG_FLUSH = 1 << 0,
	LOG_FUA = 1 << 1,
	LOG_DISCARD = 1 << 2,
};

struct log_entry {
	uint64_t       at; /* First byte on the disk. */
	uint64_t       bytes;
	uint64_t       flags;
	const uint8_t *data;
};

struct log {
	struct log_entry *entry;
	size_t            entries;
	void             *map;
	size_t            mapped;
};

/* false, with a message, if it is no such log or broken. */
bool log_open(struct log *l, const char *path);
void log_close(struct log *l);

/* How many entries the log has by now, while QEMU still writes it; -1: none. */
long long log_length(const char *path);

#endif
