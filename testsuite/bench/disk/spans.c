/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/bench/disk/spans.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
figure(FILE *f, const char *disk, const char *kind, unsigned per)
{
	uint64_t value, ns, least = UINT64_MAX;
	unsigned n = 0;
	char     word[16];

	while (n < SPANS_READS &&
	    fscanf(f, "%15s %" SCNu64 " %" SCNu64, word, &value, &ns) == 3) {
		if (strcmp(word, "span") != 0)
			continue;
		least = value < least ? value : least;
		n++;
	}
	if (n < SPANS_READS) {
		fprintf(stderr, "%s_%s: %u spans, not %u\n", disk, kind, n,
		    SPANS_READS);
		return false;
	}
	printf("%s_%s\t%" PRIu64 "\n", disk, kind, least / per);
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
