/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/disks/disks.h"

#include <string.h>

/* The partition table of a PC. */
enum {
	TABLE_OFFSET = 446,
	ENTRY_BYTES = 16,
	ENTRY_TYPE = 4,
	ENTRY_FIRST = 8,
	ENTRY_SECTORS = 12,
	SIGNATURE = 510,
};

struct disks_job *
disks_job(struct disks *d)
{
	for (unsigned i = 0; i < DISKS_JOBS; i++) {
		struct disks_job *j = &d->job[i];

		if (j->state != DISKS_FREE)
			continue;
		*j = (struct disks_job){
		    .state = DISKS_WAITING, .number = d->numbers++};
		return j;
	}
	return NULL;
}

enum status
disks_check(const struct disks_job *j)
{
	if (j->part > DISKS_PARTS || (!j->reads && j->part == 0))
		return RC_ARGUMENT;
	if (j->reads && (j->count == 0 || j->count > DISKS_COUNT))
		return RC_ARGUMENT;
	return RC_OK;
}

static void
step(struct disks_job *j, enum disks_state state, uint64_t first,
    uint64_t sectors, uint64_t at, uint64_t many)
{
	j->state = (uint8_t)state;
	j->first = first;
	j->sectors = sectors;
	j->at = at;
	j->many = many;
}

struct disks_job *
disks_next(struct disks *d)
{
	struct disks_job *oldest = NULL;

	for (unsigned i = 0; i < DISKS_JOBS; i++) {
		struct disks_job *j = &d->job[i];

		/* What has come for it stands in data. */
		if (j->state == DISKS_DONE)
			return NULL;
		if (j->state == DISKS_TABLE || j->state == DISKS_DATA)
			return j;
		if (j->state == DISKS_WAITING &&
		    (oldest == NULL || j->number < oldest->number))
			oldest = j;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->part == 0)
		step(oldest, DISKS_DATA, 0, UINT64_MAX, oldest->sector,
		    oldest->count);
	else
		step(oldest, DISKS_TABLE, 0, 1, 0, 1);
	return oldest;
}

static uint32_t
word_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

struct disks_part
disks_part(const uint8_t *sector, unsigned part)
{
	const uint8_t *e = sector + TABLE_OFFSET + (part - 1) * ENTRY_BYTES;
	struct disks_part p = {
	    .first = word_at(e + ENTRY_FIRST),
	    .sectors = word_at(e + ENTRY_SECTORS),
	    .type = e[ENTRY_TYPE],
	};

	if (sector[SIGNATURE] != 0x55 || sector[SIGNATURE + 1] != 0xaa ||
	    p.sectors == 0)
		p = (struct disks_part){.type = 0};
	return p;
}

bool
disks_same(struct disks_job *j, uint64_t serial)
{
	if (j->serial == 0)
		j->serial = serial;
	return j->serial == serial;
}

static bool
done(struct disks_job *j, enum status st)
{
	j->state = DISKS_DONE;
	j->status = st;
	return false;
}

bool
disks_came(struct disks *d, struct disks_job *j, enum status st,
    const void *data, size_t bytes)
{
	if (st != RC_OK || bytes > sizeof(d->data) ||
	    bytes != j->many * DISKS_SECTOR)
		return done(j, st != RC_OK ? st : RC_DEVICE);
	memcpy(d->data, data, bytes);
	if (j->state == DISKS_DATA) {
		j->bytes = bytes;
		return done(j, RC_OK);
	}
	j->found = disks_part(d->data, (unsigned)j->part);
	if (j->found.type == 0)
		return done(j, RC_VOID);
	if (!j->reads)
		return done(j, RC_OK);
	step(j, DISKS_DATA, j->found.first, j->found.sectors, j->sector,
	    j->count);
	return true;
}
