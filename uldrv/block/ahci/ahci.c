/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SATA disk behind an AHCI adapter.
 *
 * Invariants:
 *  1. Slot i of the block class is slot i of the command list and tag i of the
 *     queue. It is busy from request until its completion, or until the
 *     adapter was reset; only then is its table used again.
 *  2. Queued commands and others are never in flight together (AHCI 5.6.4).
 *  3. While `again` is not 0 only its lowest slot is in flight: an error is
 *     then that one's.
 */
#include "uldrv/block/ahci/ahci.h"

#define ERRORS \
	(AHCI_PXIS_TFES | AHCI_PXIS_HBFS | AHCI_PXIS_HBDS | AHCI_PXIS_IFS)

struct ahci_table *
ahci_table(struct dev *d, unsigned slot)
{
	return (struct ahci_table *)dev_dma(
		   d, AHCI_TABLES_AT + slot / AHCI_TABLES_IN_PAGE * PAGE_SIZE) +
	    slot % AHCI_TABLES_IN_PAGE;
}

static void
set_going(struct dev *d, unsigned slot)
{
	const struct ahci       *a = d->state;
	struct ahci_header      *h = dev_dma(d, 0);
	const struct ahci_table *t = ahci_table(d, slot);

	h[slot].bytes = 0;
	dma_release(); /* The command before the word that issues it. */
	if (a->queued &&
	    (t->fis.command == ATA_READ_FPDMA ||
		t->fis.command == ATA_WRITE_FPDMA))
		ahci_write_PXSACT(d, UINT32_C(1) << slot);
	ahci_write_PXCI(d, UINT32_C(1) << slot);
}

void
ahci_issue(struct dev *d, unsigned slot, uint16_t flags, unsigned prds)
{
	struct ahci_header *h = dev_dma(d, 0);
	unsigned            place = slot % AHCI_TABLES_IN_PAGE;

	h[slot] = (struct ahci_header){
	    .flags = AHCI_FIS_WORDS | flags,
	    .prds = (uint16_t)prds,
	    .table = dev_bus(d,
			 AHCI_TABLES_AT +
			     slot / AHCI_TABLES_IN_PAGE * PAGE_SIZE) +
		place * sizeof(struct ahci_table),
	};
	set_going(d, slot);
}

/* ------------------------------------------------------------- requests */

static uint8_t
command_of(const struct ahci *a, const struct block_io *io)
{
	switch (io->op) {
	case BLOCK_READ:
		return a->queued ? ATA_READ_FPDMA : ATA_READ_DMA_EXT;
	case BLOCK_WRITE:
		return a->queued ? ATA_WRITE_FPDMA : ATA_WRITE_DMA_EXT;
	default:
		return ATA_FLUSH_EXT;
	}
}

/* A queued command has its count where others have features (ACS 7.23). */
static struct ahci_fis
fis_of(const struct ahci *a, const struct block_io *io)
{
	uint32_t        n = io->bytes / BLOCK_SECTOR;
	struct ahci_fis f = {
	    .type = AHCI_FIS_H2D,
	    .flags = AHCI_FIS_COMMAND,
	    .command = command_of(a, io),
	    .device = AHCI_FIS_LBA,
	};

	if (io->op == BLOCK_FLUSH)
		return f;
	f.lba0 = (uint8_t)io->sector;
	f.lba1 = (uint8_t)(io->sector >> 8);
	f.lba2 = (uint8_t)(io->sector >> 16);
	f.lba3 = (uint8_t)(io->sector >> 24);
	f.lba4 = (uint8_t)(io->sector >> 32);
	f.lba5 = (uint8_t)(io->sector >> 40);
	if (a->queued) {
		f.features = (uint8_t)n;
		f.features_high = (uint8_t)(n >> 8);
		f.count = (uint8_t)(io->slot << 3);
	} else {
		f.count = (uint8_t)n;
		f.count_high = (uint8_t)(n >> 8);
	}
	return f;
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	struct ahci       *a = d->state;
	bool               plain = !a->queued || io->op == BLOCK_FLUSH;
	struct ahci_table *t;

	if (io->slot >= a->slots || a->again != 0 ||
	    (a->queued && d->busy != 0 && (plain || a->plain)))
		return RC_BUSY;
	t = ahci_table(d, io->slot);
	t->fis = fis_of(a, io);
	for (unsigned i = 0; i < io->nsegments; i++)
		t->prd[i] = (struct ahci_prd){
		    .address = io->segment[i].address,
		    .last = io->segment[i].bytes - 1,
		};
	a->plain = plain;
	a->expected[io->slot] = plain ? io->bytes : 0;
	ahci_issue(
	    d, io->slot, io->op == BLOCK_WRITE ? AHCI_WRITE : 0, io->nsegments);
	return RC_OK;
}

/* What the task file says of the command that failed. */
static enum status
error_status(struct dev *d)
{
	uint32_t tfd = ahci_read_PXTFD(d);

	return (tfd & (AHCI_PXTFD_UNC | AHCI_PXTFD_IDNF)) != 0 ? RC_MEDIA
							       : RC_DEVICE;
}

/* Sets the next of those going that are done one by one. */
static void
next_alone(struct dev *d)
{
	struct ahci *a = d->state;

	if (a->again != 0)
		set_going(d, (unsigned)__builtin_ctz(a->again));
}

static void
finish(struct dev *d, unsigned slot, enum status st)
{
	struct ahci              *a = d->state;
	const struct ahci_header *h = dev_dma(d, 0);

	/* Without a queue the adapter tells how much it moved (5.4.1). */
	if (st == RC_OK && h[slot].bytes < a->expected[slot])
		st = RC_DEVICE;
	a->again &= ~(UINT32_C(1) << slot);
	block_complete(d, slot, st);
}

/* The adapter is reset: whatever was in flight is no more. */
static bool
restart(struct dev *d)
{
	if (!dev_restart(d, ahci_start))
		return false;
	ahci_listen(d);
	return true;
}

/* An error: it is one command's, or each must show whose it is. */
static void
recover(struct dev *d)
{
	struct ahci *a = d->state;
	enum status  st = error_status(d);
	uint64_t     culprit = a->again != 0 ? a->again & -a->again : d->busy;

	if (!restart(d))
		return;
	if (culprit != 0 && (culprit & (culprit - 1)) == 0)
		finish(d, (unsigned)__builtin_ctzll(culprit), st);
	else
		a->again = (uint32_t)d->busy;
	next_alone(d);
}

/* Completes what is no longer in flight. */
static void
drain(struct dev *d)
{
	struct ahci *a = d->state;
	uint32_t     flying = ahci_read_PXCI(d);
	uint64_t     asked = a->again != 0 ? a->again & -a->again : d->busy;
	uint64_t     done;

	if (a->queued && !a->plain)
		flying |= ahci_read_PXSACT(d);
	done = asked & ~(uint64_t)flying;
	for (; done != 0; done &= done - 1)
		finish(d, (unsigned)__builtin_ctzll(done), RC_OK);
	if (a->again != 0 && (asked & d->busy) == 0)
		next_alone(d);
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	uint32_t causes = ahci_read_PXIS(d);

	if (causes == 0)
		return 0;
	/* The port's first, else the adapter's is set again (10.7.2.1). */
	ahci_write_PXIS(d, causes);
	ahci_write_IS(d, UINT32_MAX);
	if (causes == UINT32_MAX ||
	    ((causes & AHCI_PXIS_PRCS) != 0 &&
		(ahci_read_PXSSTS(d) & AHCI_PXSSTS_DET_MASK) == 0)) {
		dev_remark(d, "the disk is gone");
		dev_fail(d, RC_DEVICE);
		return irqs;
	}
	if ((causes & ERRORS) != 0)
		recover(d);
	else
		drain(d);
	return irqs;
}

static void
expired(struct dev *d)
{
	struct ahci *a = d->state;
	uint64_t     before = d->busy;

	/*
	 * An interrupt may have been lost: look before the reset. After one
	 * that we did not ask for nothing is in flight, and nothing was done.
	 */
	if ((ahci_read_PXCMD(d) & AHCI_PXCMD_ST) != 0 &&
	    (ahci_read_PXIS(d) & ERRORS) == 0)
		drain(d);
	if (d->busy != before)
		return;
	dev_remark(d, "did not answer in time");
	a->again = 0;
	if (restart(d))
		block_complete_all(d, RC_TIMEOUT);
}

/* -------------------------------------------------------------- the rest */

static enum status
probe(struct dev *d)
{
	enum status st = ahci_regions(d);

	if (st == RC_OK && !dev_dma_has(d, AHCI_DMA_BYTES))
		st = RC_NO_MEMORY;
	if (st == RC_OK)
		st = ahci_start(d);
	if (st == RC_OK)
		st = ahci_identify(d);
	if (st == RC_OK)
		ahci_listen(d);
	return st;
}

static enum status
resume(struct dev *d)
{
	enum status st = ahci_start(d);

	if (st == RC_OK)
		ahci_listen(d);
	return st;
}

/* No interrupts, and no command that is carried out (10.1.2). */
static void
leave(struct dev *d)
{
	ahci_write_GHC(d, AHCI_GHC_AE);
	ahci_write_PXCMD(d, 0);
}

static enum status
suspend(struct dev *d)
{
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "ahci",
    .class = &block_class,
    .state_bytes = sizeof(struct ahci),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .request = request,
    .expired = expired,
    .suspend = suspend,
    .resume = resume,
    .remove = leave,
};
