/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/bench/disk/spans.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool
figure(FILE *f, const char *disk, const char *kind, unsigned per)
{
	uint64_t value[SPANS_READS], ns;
	unsigned n = 0;
	char     word[16];

	while (n < SPANS_READS &&
	    fscanf(f, "%15s %" SCNu64 " %" SCNu64, word, &value[n], &ns) == 3)
		n += strcmp(word, "span") == 0;
	if (n < SPANS_READS) {
		fprintf(stderr, "%s_%s: %u spans, not %u\n", disk, kind, n,
		    SPANS_READS);
		return false;
	}
	qsort(value, SPANS_READS, sizeof(value[0]), compare);
	printf("%s_%s\t%" PRIu64 "\n", disk, kind,
	    value[SPANS_READS / 2] / per);
	return true;
}

bool
spans_print(const char *path, const char *disk)
{
	FILE *f = fopen(path, "r");
	bool  good;

	if (f == NULL) {
		perror(path);
		return false;
	}
	good = figure(f, disk, "read_128k", SPANS_PAGES) &&
	    figure(f, disk, "read_4k", 1);
	fclose(f);
	return good;
}
