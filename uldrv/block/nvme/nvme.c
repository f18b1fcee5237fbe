/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first namespace of an NVM Express controller.
 *
 * Invariants:
 *  1. Command i is flying from its doorbell until its completion was taken, or
 *     until the controller was reset; only then is its PRP list used again.
 *  2. A slot is busy while left[slot] of its commands are flying.
 *  3. The controller is believed only as far as: a completion names our queue
 *     and a flying command. Anything else, and what was in flight ends with a
 *     reset.
 */
#include "uldrv/block/nvme/nvme.h"

enum { RESETS_IN_VAIN = 4 };

/* ------------------------------------------------------------- requests */

static void
submit(struct dev *d, const struct block_io *io, uint64_t sector,
    uint32_t bytes, uint64_t first, unsigned n, unsigned id)
{
	struct nvme         *v = d->state;
	struct nvme_command *sq = dev_dma(d, NVME_SQ_AT);
	uint32_t             list = NVME_LISTS_AT + id * NVME_LIST_BYTES;
	struct nvme_command  c = {
	     .op = io->op == BLOCK_READ  ? NVME_READ
		 : io->op == BLOCK_WRITE ? NVME_WRITE
					 : NVME_FLUSH,
	     .id = (uint16_t)id,
	     .space = NVME_NAMESPACE,
        };

	if (n > 0) {
		c.prp1 = first;
		c.prp2 = n == 2 ? *(const uint64_t *)dev_dma(d, list)
		    : n > 2     ? dev_bus(d, list)
				: 0;
		c.word[0] = (uint32_t)sector;
		c.word[1] = (uint32_t)(sector >> 32);
		c.word[2] = bytes / BLOCK_SECTOR - 1;
	}
	sq[v->io.tail] = c;
	v->io.tail = (uint16_t)((v->io.tail + 1) % NVME_ENTRIES);
	v->flying |= UINT64_C(1) << id;
	v->slot[id] = io->slot;
	v->left[io->slot]++;
}

/* How many commands a request takes. */
static unsigned
commands(const struct nvme *v, const struct block_io *io)
{
	struct nvme_cursor c = {0};
	unsigned           n = 0, prps;

	if (io->op == BLOCK_FLUSH)
		return 1;
	while (nvme_run(io, &c, v->most, NULL, NULL, &prps) != 0)
		n++;
	return n;
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	struct nvme       *v = d->state;
	struct nvme_cursor c = {0};
	uint64_t           sector = io->sector, first = 0;
	unsigned           n = commands(v, io), prps = 0;
	unsigned           flying = (unsigned)__builtin_popcountll(v->flying);

	if (n > NVME_COMMANDS - flying)
		return n > NVME_COMMANDS ? RC_ARGUMENT : RC_BUSY;
	v->left[io->slot] = 0;
	v->cause[io->slot] = RC_OK;
	for (; n > 0; n--) {
		unsigned  id = (unsigned)__builtin_ctzll(~v->flying);
		uint64_t *list = dev_dma(
		    d, NVME_LISTS_AT + id * NVME_LIST_BYTES);
		uint32_t bytes = io->op == BLOCK_FLUSH
		    ? 0
		    : nvme_run(io, &c, v->most, &first, list, &prps);

		submit(d, io, sector, bytes, first, prps, id);
		sector += bytes / BLOCK_SECTOR;
	}
	dma_release(); /* The commands before the doorbell. */
	nvme_write_SQ1TDBL(d, v->io.tail);
	return RC_OK;
}

static enum status
status_of(uint16_t status)
{
	unsigned code = status >> 1 & 0xff, type = status >> 9 & 7;

	if (code == 0 && type == NVME_TYPE_GENERIC)
		return RC_OK;
	if (type == NVME_TYPE_MEDIA ||
	    (type == NVME_TYPE_GENERIC && code == NVME_OUT_OF_RANGE))
		return RC_MEDIA;
	if (type == NVME_TYPE_GENERIC && code == NVME_ABORTED)
		return RC_TIMEOUT;
	return RC_DEVICE;
}

/* False if the controller broke the rules of the queue. */
static bool
finish(struct dev *d, const struct nvme_completion *c)
{
	struct nvme *v = d->state;
	unsigned     slot;

	if (c->sq != 1 || c->id >= NVME_ENTRIES ||
	    (v->flying >> c->id & 1) == 0)
		return false;
	v->flying &= ~(UINT64_C(1) << c->id);
	v->vain = 0;
	slot = v->slot[c->id];
	if (v->cause[slot] == RC_OK)
		v->cause[slot] = (uint8_t)status_of(c->status);
	if (--v->left[slot] == 0)
		block_complete(d, slot, (enum status)v->cause[slot]);
	return true;
}

/* Takes what has been completed; false as finish. */
static bool
drain(struct dev *d, unsigned *taken)
{
	struct nvme           *v = d->state;
	struct nvme_completion c;
	bool                   good = true;

	*taken = 0;
	while (good && *taken < NVME_ENTRIES &&
	    nvme_taken(d, &v->io, NVME_CQ_AT, NVME_ENTRIES, &c)) {
		good = finish(d, &c);
		++*taken;
	}
	if (*taken != 0)
		nvme_write_CQ1HDBL(d, v->io.head);
	return good;
}

/* What was in flight ends here: a controller that was reset does no DMA. */
static void
restart(struct dev *d)
{
	struct nvme *v = d->state;

	/* It may interrupt us for its resets alone: that must have an end. */
	if (v->vain++ == RESETS_IN_VAIN)
		dev_fail(d, RC_DEVICE);
	else if (dev_restart(d, nvme_start))
		block_complete_all(d, RC_TIMEOUT);
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	unsigned taken;

	if (!drain(d, &taken)) {
		dev_remark(d, "broke the completion queue");
		restart(d);
	}
	return dev_given(d)->message != 0 || taken != 0 ? irqs : 0;
}

/* Asks the controller to end what is late. */
static void
abort_old(struct dev *d)
{
	const struct nvme *v = d->state;

	for (unsigned id = 0; id < NVME_ENTRIES; id++)
		if ((v->flying >> id & 1) != 0 &&
		    (d->old >> v->slot[id] & 1) != 0 &&
		    nvme_abort(d, id) != RC_OK)
			return;
}

static void
expired(struct dev *d)
{
	uint64_t before = d->busy;
	unsigned taken;
	bool     good = drain(d, &taken);
	uint32_t csts = nvme_read_CSTS(d);

	/* An interrupt may have been lost. */
	if (good && d->busy != before)
		return;
	if (csts == UINT32_MAX) {
		dev_remark(d, "the controller is gone");
		dev_fail(d, RC_DEVICE);
		return;
	}
	if (good && (csts & NVME_CSTS_CFS) == 0 &&
	    (csts & NVME_CSTS_RDY) != 0) {
		abort_old(d);
		good = drain(d, &taken);
		if (good && d->busy == 0)
			return;
	}
	dev_remark(d,
	    (csts & NVME_CSTS_CFS) != 0 ? "failed (CSTS.CFS)"
					: "did not answer in time");
	restart(d);
}

/* -------------------------------------------------------------- the rest */

static enum status
probe(struct dev *d)
{
	enum status st = nvme_regions(d);

	if (st == RC_OK && !dev_dma_has(d, NVME_DMA_BYTES))
		st = RC_NO_MEMORY;
	if (st == RC_OK)
		st = nvme_start(d);
	return st == RC_OK ? nvme_identify(d) : st;
}

static void
leave(struct dev *d)
{
	nvme_write_CC(d, 0);
}

static enum status
suspend(struct dev *d)
{
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "nvme",
    .class = &block_class,
    .state_bytes = sizeof(struct nvme),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .request = request,
    .expired = expired,
    .suspend = suspend,
    .resume = nvme_start,
    .remove = leave,
};
