/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/partition.h"

static bool
entries_overlap(const struct mbr_entry *a, const struct mbr_entry *b)
{
	return a->first < (uint64_t)b->first + b->sectors &&
	    b->first < (uint64_t)a->first + a->sectors;
}

const char *
partition_table_check(const struct mbr *mbr)
{
	const struct mbr_entry *e;
	int                     active = 0;

	if (mbr->signature != BOOT_SIGNATURE)
		return "no boot signature";
	for (int i = 0; i < PARTITIONS; i++) {
		e = &mbr->entry[i];
		if ((e->status & ~ENTRY_ACTIVE) != 0)
			return "a status byte is neither 00 nor 80";
		if (e->status == ENTRY_ACTIVE && ++active > 1)
			return "two partitions are active";
		if (e->type == 0)
			continue;
		if (e->first == 0 || e->sectors == 0 ||
		    (uint64_t)e->first + e->sectors > UINT32_MAX)
			return "a partition's extent makes no sense";
		for (int j = 0; j < i; j++) {
			if (mbr->entry[j].type != 0 &&
			    entries_overlap(e, &mbr->entry[j]))
				return "two partitions overlap";
		}
	}
	return NULL;
}

int
partition_find(const struct mbr *mbr, uint64_t lba)
{
	for (int i = 0; i < PARTITIONS; i++) {
		if (mbr->entry[i].type == PARTITION_TYPE &&
		    mbr->entry[i].first == lba)
			return i;
	}
	return -1;
}
