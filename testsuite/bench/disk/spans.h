/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures out of the lines that the plugin wrote (../plugin/insn.c). */
#ifndef TESTSUITE_BENCH_DISK_SPANS_H
#define TESTSUITE_BENCH_DISK_SPANS_H

#include <stdbool.h>
#include <stdint.h>

/* As the clients have them: so many reads of each kind, the large one first. */
enum { SPANS_READS = 64, SPANS_PAGES = 32 };

/*
 * Prints `DISK_read_128k` and `DISK_read_4k`, a tabulator, and the least of the
 * spans in the file, for each 4 KiB: what is not in it (ticks, notices that come
 * apart instead of together) depends on the wall clock and on the load of the
 * machine. False, with a message: too few spans.
 */
bool spans_print(const char *path, const char *disk);

#endif
