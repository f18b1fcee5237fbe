/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical region pages (NVMe 4.3). The first may begin anywhere in its page,
 * each other at its page's first byte; all but the last go to their page's end.
 */
#include "uldrv/block/nvme/nvme.h"

uint32_t
nvme_run(const struct block_io *io, struct nvme_cursor *c, uint32_t most,
    uint64_t *first, uint64_t *list, unsigned *n)
{
	uint32_t bytes = 0;

	*n = 0;
	while (c->segment < io->nsegments && bytes < most) {
		const struct block_segment *s = &io->segment[c->segment];
		uint64_t                    at = s->address + c->offset;
		uint32_t                    within = (uint32_t)(at % PAGE_SIZE);
		uint32_t                    piece = PAGE_SIZE - within;

		if (*n > 0 && within != 0)
			break;
		if (piece > s->bytes - c->offset)
			piece = s->bytes - c->offset;
		if (piece > most - bytes)
			piece = most - bytes;
		if (*n == 0 && first != NULL)
			*first = at;
		else if (*n > 0 && list != NULL)
			list[*n - 1] = at;
		++*n;
		bytes += piece;
		c->offset += piece;
		if (c->offset == s->bytes) {
			c->segment++;
			c->offset = 0;
		}
		/* Not to the page's end: nothing can follow. */
		if ((at + piece) % PAGE_SIZE != 0)
			break;
	}
	return bytes;
}
