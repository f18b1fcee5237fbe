/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/power/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persist/tools/audit.h"

static void
super_enter(struct judge *j, const uint8_t *block, size_t entry)
{
	struct superblock b;

	memcpy(&b, block, sizeof(b));
	if (b.magic == SUPER_MAGIC && j->supers < SUPERS)
		j->super[j->supers++] = (struct super_seen){
		    block, b.number, entry};
}

bool
judge_learn(struct judge *j, const struct rebuild *r)
{
	struct reader volume;
	const char   *why;

	if (!reader_open_memory(&volume, "base", r->disk, r->bytes, &why)) {
		fprintf(stderr, "power: the volume before the run: %s\n", why);
		return false;
	}
	j->partition = volume.at;
	for (unsigned i = 0; i < SUPER_SLOTS; i++) {
		memcpy(j->base[i], reader_block(&volume, BLOCK_SUPER + i),
		    BLOCK_SIZE);
		super_enter(j, j->base[i], 0);
	}
	for (size_t i = 0; i < r->log->entries; i++) {
		const struct log_entry *e = &r->log->entry[i];
		uint64_t block = (e->at - j->partition) / BLOCK_SIZE;

		if (e->at >= j->partition && e->bytes == BLOCK_SIZE &&
		    block >= BLOCK_SUPER && block < BLOCK_SUPER + SUPER_SLOTS)
			super_enter(j, e->data, i + 1);
	}
	return j->supers < SUPERS;
}

uint64_t
judge_least(const struct judge *j, size_t point)
{
	uint64_t least = 0;

	for (size_t i = 0; i < j->acks; i++)
		if (j->ack[i].position <= point && j->ack[i].generation > least)
			least = j->ack[i].generation;
	return least;
}

/* The superblock in use is one that was written before the cut, all of it. */
static bool
was_written(const struct judge *j, const struct superblock *b, size_t point)
{
	for (size_t i = 0; i < j->supers; i++)
		if (j->super[i].entry <= point &&
		    memcmp(j->super[i].block, b, sizeof(*b)) == 0)
			return true;
	return false;
}

static unsigned
problems(const struct reader *volume, bool quiet)
{
	struct audit a = {.r = volume, .quiet = quiet};

	a.use = calloc(volume->header->data_blocks, sizeof(*a.use));
	if (a.use == NULL)
		abort();
	audit_space(&a);
	audit_objects(&a, reader_newest(volume));
	free(a.use);
	return a.problems;
}

uint64_t
judge_state(const struct judge *j, const struct rebuild *r, size_t point)
{
	uint64_t      least = judge_least(j, point);
	struct reader volume;
	const char   *why = "no superblock can be used";
	unsigned      n;

	if (!reader_open_memory(&volume, "cut", r->disk, r->bytes, &why) ||
	    volume.now == NULL) {
		printf("cut at %zu: %s\n", point, why);
		return 0;
	}
	if (!was_written(j, volume.now, point)) {
		printf("cut at %zu: generation %lu was never committed so\n",
		    point, volume.now->number);
		return 0;
	}
	if (volume.now->number < least) {
		printf("cut at %zu: holds generation %lu, but %lu had been "
		       "acknowledged\n",
		    point, volume.now->number, least);
		return 0;
	}
	n = problems(&volume, j->quiet);
	if (n > 0) {
		printf("cut at %zu: generation %lu has %u problems\n", point,
		    volume.now->number, n);
		return 0;
	}
	return volume.now->number;
}
