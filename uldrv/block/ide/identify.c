/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reset and identification, without interrupts (nIEN) and with deadlines.
 * Words are those of IDENTIFY DEVICE, ATA-6 8.15.
 */
#include "uldrv/block/ide/ide.h"

#include <string.h>

#include "uldrv/lib/ata.h"

enum {
	SIGNATURE_MID = 0x14, /* A packet device, ATA-6 9.1. */
	SIGNATURE_HIGH = 0xeb,
	DEVICE_FIXED = IDE_DEVICE_OBSOLETE | 1 << 5,
};

#define RESET_TIME    (5 * SECOND) /* ATA-6 9.2 allows 31 s. */
#define IDENTIFY_TIME (1 * SECOND)
#define SELECT_TIME   (100 * MILLISECOND)

bool
ide_idle(struct dev *d)
{
	return (ide_read_ALTERNATE(d) & IDE_STATUS_BSY) == 0;
}

void
ide_device(struct dev *d, uint8_t lba_top)
{
	const struct ide *i = d->state;

	ide_write_DEVICE(d,
	    (uint8_t)(DEVICE_FIXED | IDE_DEVICE_LBA |
		(i->unit != 0 ? IDE_DEVICE_DEV : 0) | lba_top));
}

static void
select_unit(struct dev *d)
{
	ide_device(d, 0);
	/* 400 ns until the status is valid (ATA-6 9.2); a port takes 100. */
	for (unsigned n = 0; n < 4; n++)
		(void)ide_read_ALTERNATE(d);
}

/* The answer to IDENTIFY is there, or will not come. */
static bool
answered(struct dev *d)
{
	uint8_t status = ide_read_ALTERNATE(d);

	return (status & IDE_STATUS_BSY) == 0 &&
	    (status & (IDE_STATUS_DRQ | IDE_STATUS_ERR | IDE_STATUS_DF)) != 0;
}

static enum status
reset(struct dev *d)
{
	if (reg_present(d, IDE_REGION_MASTER))
		ide_write_BM_COMMAND(d, 0);
	ide_write_DEVICE_CONTROL(
	    d, IDE_DEVICE_CONTROL_SRST | IDE_DEVICE_CONTROL_NIEN);
	dev_sleep(d, 10 * MICROSECOND); /* At least 5 (ATA-6 9.2). */
	ide_write_DEVICE_CONTROL(d, IDE_DEVICE_CONTROL_NIEN);
	dev_sleep(d, 2 * MILLISECOND);
	return dev_until(d, ide_idle, RESET_TIME) ? RC_OK : RC_TIMEOUT;
}

/* RC_NOT_FOUND: no disk is this unit. */
static enum status
identify(struct dev *d, uint8_t unit, uint16_t *word)
{
	struct ide *i = d->state;

	i->unit = unit;
	select_unit(d);
	if (ide_read_STATUS(d) == 0 || !dev_until(d, ide_idle, SELECT_TIME))
		return RC_NOT_FOUND;
	if (ide_read_LBA_MID(d) == SIGNATURE_MID &&
	    ide_read_LBA_HIGH(d) == SIGNATURE_HIGH)
		return RC_NOT_FOUND;
	ide_write_COMMAND(d, IDE_COMMAND_IDENTIFY);
	if (!dev_until(d, answered, IDENTIFY_TIME))
		return RC_NOT_FOUND;
	if ((ide_read_STATUS(d) & IDE_STATUS_DRQ) == 0)
		return RC_NOT_FOUND;
	reg_read_words(d, IDE_REGION_COMMAND, 0, word, ATA_IDENTIFY_WORDS);
	return ata_has_lba(word) ? RC_OK : RC_NOT_FOUND;
}

static enum status
geometry(struct dev *d, const uint16_t *word)
{
	struct ide            *i = d->state;
	struct block_geometry *g = block_geometry(d);
	enum status            st;

	i->lba48 = ata_has_lba48(word);
	i->dma = ata_has_dma(word) && reg_present(d, IDE_REGION_MASTER) &&
	    dev_dma_has(d, IDE_DMA_BYTES);
	*g = (struct block_geometry){
	    .features = (i->dma ? BLOCK_HAS_DMA : 0u) |
		(dev_given(d)->windows != 0 ? BLOCK_HAS_WINDOW : 0u),
	    .segments = BLOCK_SEGMENTS,
	    .bytes = i->lba48 ? BLOCK_BYTES_MAX : IDE_LBA28_BYTES,
	    .segment_bytes = BLOCK_BYTES_MAX,
	    .address_bits = 32,
	};
	st = ata_geometry(d, word, g);
	if (st == RC_OK)
		dev_remark(d, "unit %u, %llu sectors, LBA%s, %s, serial %s",
		    i->unit, (unsigned long long)g->sectors,
		    i->lba48 ? "48" : "28", i->dma ? "DMA" : "PIO", g->serial);
	return st;
}

enum status
ide_start(struct dev *d)
{
	uint16_t    word[ATA_IDENTIFY_WORDS];
	enum status st = RC_NOT_FOUND;

	/* Nothing drives the bus: no channel, or no disk on it. */
	if (ide_read_ALTERNATE(d) == UINT8_MAX) {
		dev_remark(d, "nothing on the channel");
		return RC_NOT_FOUND;
	}
	if (reset(d) != RC_OK) {
		dev_remark(d, "does not come out of reset");
		return RC_TIMEOUT;
	}
	for (uint8_t unit = 0; unit < 2 && st == RC_NOT_FOUND; unit++) {
		memset(word, 0, sizeof(word));
		st = identify(d, unit, word);
	}
	if (st == RC_NOT_FOUND)
		dev_remark(d, "no disk on the channel");
	if (st == RC_OK)
		st = geometry(d, word);
	/* Take back what identification may have left pending. */
	(void)ide_read_STATUS(d);
	ide_write_DEVICE_CONTROL(d, 0);
	return st;
}
