/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation counts of ephemeral frame numbers while they have no frame.
 *
 * A number that is bought, freed and bought again in one boot must not revive
 * old capabilities, and the frame that held its count is gone. So a table,
 * indexed by a hash of the number, keeps the highest count that any number of
 * that index was freed with. Numbers that share an index only make each
 * other's counts rise faster.
 */
#include "kernel/mem/cache.h"

static struct {
	uint32_t *table;
	uint32_t  mask;
} counts;

void
counts_init(uint32_t *table, uint32_t n)
{
	assert((n & (n - 1)) == 0);
	counts.table = table;
	counts.mask = n - 1;
	memset(table, 0, n * sizeof(*table));
}

static uint32_t *
entry_of(uint64_t number)
{
	uint64_t n = frame_position(number);

	return &counts.table[(n ^ n >> 24) & counts.mask];
}

uint32_t
counts_get(uint64_t number)
{
	return *entry_of(number);
}

void
counts_raise(uint64_t number, uint32_t count)
{
	uint32_t *e = entry_of(number);

	if (count > *e)
		*e = count;
}
