/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IDE disk: bus-master DMA with a PRD table where the controller has it, PIO
 * through the window where it has not, both by interrupt.
 *
 * Invariants:
 *  1. One command at a time; io is its request. Others wait in the ring.
 *  2. The bus master is stopped before the request is completed, so that no
 *     DMA follows its completion.
 */
#include "uldrv/block/ide/ide.h"

#include <string.h>

#define READY_TIME (10 * MILLISECOND)

/*
 * The task file (ATA-6 8.23 and following). With 48 bits each register is
 * written twice, the upper byte first.
 */
static void
task_file(struct dev *d, uint64_t lba, uint32_t sectors)
{
	const struct ide *i = d->state;

	ide_device(d, i->lba48 ? 0 : (uint8_t)(lba >> 24 & 0xf));
	if (i->lba48) {
		ide_write_COUNT(d, (uint8_t)(sectors >> 8));
		ide_write_LBA_LOW(d, (uint8_t)(lba >> 24));
		ide_write_LBA_MID(d, (uint8_t)(lba >> 32));
		ide_write_LBA_HIGH(d, (uint8_t)(lba >> 40));
	}
	ide_write_COUNT(d, (uint8_t)sectors);
	ide_write_LBA_LOW(d, (uint8_t)lba);
	ide_write_LBA_MID(d, (uint8_t)(lba >> 8));
	ide_write_LBA_HIGH(d, (uint8_t)(lba >> 16));
}

/* ------------------------------------------------------------------ DMA */

/*
 * A region may not cross 64 KiB (BM 1.2). 32 segments of 1 MiB together have
 * at most 16 + 2 x 32 parts, which fit the table.
 */
static void
prd_fill(struct dev *d, const struct block_io *io)
{
	struct ide_prd *prd = dev_dma(d, 0);
	unsigned        n = 0;

	for (unsigned s = 0; s < io->nsegments; s++) {
		uint32_t at = (uint32_t)io->segment[s].address;
		uint32_t left = io->segment[s].bytes;

		while (left > 0 && n < IDE_PRDS) {
			uint32_t part = 0x10000 - (at & 0xffff);

			if (part > left)
				part = left;
			prd[n++] = (struct ide_prd){
			    .address = at,
			    .bytes = (uint16_t)part,
			};
			at += part;
			left -= part;
		}
	}
	prd[n - 1].last = IDE_PRD_LAST;
	dma_release(); /* The table before the start of the bus master. */
}

static void
dma_begin(struct dev *d, const struct block_io *io)
{
	const struct ide *i = d->state;
	bool              read = io->op == BLOCK_READ;
	uint8_t           to = read ? IDE_BM_COMMAND_TO_MEMORY : 0;

	prd_fill(d, io);
	ide_write_BM_COMMAND(d, to);
	ide_write_BM_STATUS(d, IDE_BM_STATUS_INTERRUPT | IDE_BM_STATUS_ERROR);
	ide_write_BM_TABLE(d, (uint32_t)dev_bus(d, 0));
	task_file(d, io->sector, io->bytes / BLOCK_SECTOR);
	if (i->lba48)
		ide_write_COMMAND(d,
		    read ? IDE_COMMAND_READ_DMA_EXT
			 : IDE_COMMAND_WRITE_DMA_EXT);
	else
		ide_write_COMMAND(
		    d, read ? IDE_COMMAND_READ_DMA : IDE_COMMAND_WRITE_DMA);
	ide_write_BM_COMMAND(d, to | IDE_BM_COMMAND_START);
}

/* ------------------------------------------------------------------ PIO */

/* Moves the next sector between the data register and the window. */
static void
pio_sector(struct dev *d)
{
	struct ide *i = d->state;
	uint32_t    at = i->done;
	unsigned    s = 0;
	uint8_t    *memory;

	while (at >= i->io.segment[s].bytes)
		at -= i->io.segment[s++].bytes;
	memory = d->window + i->io.segment[s].address + at;
	if (i->io.op == BLOCK_READ)
		reg_read_words(
		    d, IDE_REGION_COMMAND, 0, memory, BLOCK_SECTOR / 2);
	else
		reg_write_words(
		    d, IDE_REGION_COMMAND, 0, memory, BLOCK_SECTOR / 2);
	i->done += BLOCK_SECTOR;
}

static bool
wants_data(struct dev *d)
{
	uint8_t status = ide_read_ALTERNATE(d);

	return (status & IDE_STATUS_BSY) == 0 &&
	    (status & (IDE_STATUS_DRQ | IDE_STATUS_ERR)) != 0;
}

static enum status
pio_begin(struct dev *d, const struct block_io *io)
{
	const struct ide *i = d->state;
	bool              read = io->op == BLOCK_READ;

	task_file(d, io->sector, io->bytes / BLOCK_SECTOR);
	if (i->lba48)
		ide_write_COMMAND(d,
		    read ? IDE_COMMAND_READ_SECTORS_EXT
			 : IDE_COMMAND_WRITE_SECTORS_EXT);
	else
		ide_write_COMMAND(d,
		    read ? IDE_COMMAND_READ_SECTORS
			 : IDE_COMMAND_WRITE_SECTORS);
	if (read)
		return RC_OK;
	/* No interrupt asks for the first sector (ATA-6 9.6). */
	if (!dev_until(d, wants_data, READY_TIME))
		return RC_TIMEOUT;
	pio_sector(d);
	return RC_OK;
}

/* An interrupt of a PIO command. True if the request is over. */
static bool
pio_step(struct dev *d, uint8_t status)
{
	struct ide *i = d->state;

	if (i->io.op == BLOCK_READ && (status & IDE_STATUS_DRQ) != 0)
		pio_sector(d);
	else if (i->io.op == BLOCK_WRITE && i->done < i->io.bytes &&
	    (status & IDE_STATUS_DRQ) != 0)
		pio_sector(d);
	else
		return true;
	return i->io.op == BLOCK_READ && i->done == i->io.bytes;
}

/* ------------------------------------------------------------- requests */

static void
finish(struct dev *d, enum status st)
{
	struct ide *i = d->state;

	i->active = false;
	block_complete(d, i->io.slot, st);
}

/* The channel is reset; what was in flight may be tried again. */
static void
restart(struct dev *d)
{
	struct ide *i = d->state;
	bool        up = dev_restart(d, ide_start);

	i->active = false;
	if (up)
		block_complete_all(d, RC_TIMEOUT);
}

static bool
is_ready(struct dev *d)
{
	uint8_t status = ide_read_ALTERNATE(d);

	return (status & (IDE_STATUS_BSY | IDE_STATUS_DRQ)) == 0 &&
	    (status & IDE_STATUS_DRDY) != 0;
}

static enum status
begin(struct dev *d, const struct block_io *io)
{
	const struct ide *i = d->state;

	if (!dev_until(d, is_ready, READY_TIME))
		return RC_TIMEOUT;
	if (io->op == BLOCK_FLUSH)
		ide_write_COMMAND(d,
		    i->lba48 ? IDE_COMMAND_FLUSH_CACHE_EXT
			     : IDE_COMMAND_FLUSH_CACHE);
	else if (io->window)
		return pio_begin(d, io);
	else
		dma_begin(d, io);
	return RC_OK;
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	struct ide *i = d->state;
	enum status st;

	if (i->active)
		return RC_BUSY;
	i->io = *io;
	i->done = 0;
	i->active = true;
	st = begin(d, io);
	if (st == RC_OK)
		return RC_OK;
	dev_remark(d, "not ready for a command");
	restart(d);
	return st;
}

static enum status
outcome(struct dev *d, uint8_t status, uint8_t bm)
{
	const struct ide *i = d->state;
	uint8_t           error;

	if ((status & (IDE_STATUS_ERR | IDE_STATUS_DF)) != 0) {
		error = ide_read_ERROR(d);
		return (error & (IDE_ERROR_UNC | IDE_ERROR_IDNF)) != 0
		    ? RC_MEDIA
		    : RC_DEVICE;
	}
	/* Active after the interrupt: the disk moved less than was asked. */
	if ((bm & (IDE_BM_STATUS_ERROR | IDE_BM_STATUS_ACTIVE)) != 0)
		return RC_DEVICE;
	if (i->io.window && i->done != i->io.bytes)
		return RC_DEVICE;
	return RC_OK;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct ide *i = d->state;
	bool        master = reg_present(d, IDE_REGION_MASTER);
	uint8_t     bm = master ? ide_read_BM_STATUS(d) : 0;
	bool        dma = i->io.op != BLOCK_FLUSH && !i->io.window;
	uint8_t     status;

	if (master && (bm & IDE_BM_STATUS_INTERRUPT) == 0)
		return 0;
	if (!i->active) {
		/* Nothing was asked: clear it, so that it ends. */
		(void)ide_read_STATUS(d);
		if (master)
			ide_write_BM_STATUS(d, IDE_BM_STATUS_INTERRUPT);
		return irqs;
	}
	if (!ide_idle(d))
		return 0;
	if (master && dma)
		ide_write_BM_COMMAND(d, 0);
	status = ide_read_STATUS(d); /* Takes the interrupt back. */
	if (master)
		ide_write_BM_STATUS(
		    d, IDE_BM_STATUS_INTERRUPT | IDE_BM_STATUS_ERROR);
	if (i->io.window && i->io.op != BLOCK_FLUSH &&
	    (status & IDE_STATUS_ERR) == 0 && !pio_step(d, status))
		return irqs;
	finish(d, outcome(d, status, dma ? bm : 0));
	return irqs;
}

static void
expired(struct dev *d)
{
	dev_remark(d, "did not answer in time");
	restart(d);
}

static enum status
probe(struct dev *d)
{
	enum status st = ide_regions(d);

	if (st == RC_OK)
		st = ide_start(d);
	if (st == RC_OK &&
	    (block_geometry(d)->features &
		(BLOCK_HAS_DMA | BLOCK_HAS_WINDOW)) == 0) {
		dev_remark(d, "neither DMA nor a window");
		st = RC_UNSUPPORTED;
	}
	return st;
}

static void
leave(struct dev *d)
{
	if (reg_present(d, IDE_REGION_MASTER))
		ide_write_BM_COMMAND(d, 0);
	ide_write_DEVICE_CONTROL(d, IDE_DEVICE_CONTROL_NIEN);
}

static enum status
suspend(struct dev *d)
{
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "ide",
    .class = &block_class,
    .state_bytes = sizeof(struct ide),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .request = request,
    .expired = expired,
    .suspend = suspend,
    .resume = ide_start,
    .remove = leave,
};
