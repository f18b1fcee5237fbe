/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check-volume FILE ...: verifies volumes, and that no two are the same one.
 * Ends with 0 if all are sound, 1 if something is wrong, 2 if one is none.
 */
#include "persist/tools/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16 };

static void
supers_report(struct audit *a)
{
	const struct reader *r = a->r;

	for (unsigned i = 0; i < SUPER_SLOTS; i++) {
		/* A volume that has had one commit has one superblock. */
		if (r->super[i] == NULL &&
		    strcmp(r->why[i], "was never written") != 0)
			problem(a, "superblock %u (block %u) %s%s", i,
			    BLOCK_SUPER + i, r->why[i],
			    r->now != NULL ? "; the other one is used" : "");
	}
	if (r->now == NULL)
		problem(a,
		    "no superblock can be used: restore a copy of the "
		    "volume");
	if (r->super[0] != NULL && r->super[1] != NULL &&
	    r->super[0]->number == r->super[1]->number)
		problem(a,
		    "both superblocks are of generation %lu: choose "
		    "one disk (S17)",
		    r->now->number);
}

static void
needs_report(struct audit *a)
{
	uint32_t needs = reader_newest(a->r)->needs & ~(uint32_t)NEEDS_KNOWN;

	if (needs != 0)
		problem(a,
		    "generation %lu needs formats %#x that this tool "
		    "does not know",
		    a->r->now->number, needs);
}

static bool
volume_check(struct reader *r)
{
	struct audit a = {.r = r};
	uint64_t     end = r->at + r->header->blocks * BLOCK_SIZE;

	if (end > r->bytes)
		problem(&a,
		    "truncated: the file ends at byte %zu, the volume "
		    "at %lu; copy it again whole",
		    r->bytes, end);
	supers_report(&a);
	if (r->now != NULL) {
		needs_report(&a);
		a.use = calloc(r->header->data_blocks, sizeof(*a.use));
		if (a.use == NULL)
			exit(2);
		audit_space(&a);
		audit_objects(&a, reader_newest(r));
		free(a.use);
		printf("%s: generation %lu, %u generations, %lu blocks of %lu "
		       "used, %lu contents verified, %u problems\n",
		    r->path, r->now->number, r->now->generations, r->now->used,
		    r->header->data_blocks, a.objects, a.problems);
	}
	return a.problems == 0;
}

int
main(int argc, char **argv)
{
	static struct reader r[FILES_MAX];
	const char          *why;
	int                  status = 0;
	char                 uuid[40];

	if (argc < 2 || argc > FILES_MAX) {
		fputs("usage: check-volume FILE ...\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (!reader_open(&r[i - 1], argv[i], &why)) {
			printf("%s: %s\n", argv[i], why);
			return 2;
		}
		if (!volume_check(&r[i - 1]))
			status = 1;
		for (int k = 0; k < i - 1; k++) {
			if (memcmp(r[k].header->uuid, r[i - 1].header->uuid,
				16) != 0)
				continue;
			reader_uuid(r[k].header->uuid, uuid);
			printf("%s: the same volume as %s (%s): never attach "
			       "both to one machine\n",
			    argv[i], r[k].path, uuid);
			status = 1;
		}
	}
	return status;
}
