/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/ata.h"

enum {
	WORD_SERIAL = 10,
	WORD_CAPS = 49,
	CAPS_DMA = 1 << 8,
	CAPS_LBA = 1 << 9,
	WORD_LBA28 = 60,
	WORD_DEPTH = 75,
	DEPTH_MASK = 31,
	WORD_SATA = 76,
	SATA_NCQ = 1 << 8,
	WORD_COMMANDS = 83,
	COMMANDS_LBA48 = 1 << 10,
	WORD_ENABLED = 85,
	ENABLED_CACHE = 1 << 5,
	WORD_LBA48 = 100,
	WORD_SECTOR = 106,
	SECTOR_VALID = 3 << 14,
	SECTOR_IS = 1 << 14,
	SECTOR_LOGICAL = 1 << 12, /* Longer than 512 bytes. */
	SECTOR_MULTIPLE = 1 << 13,
	SECTOR_POWER = 15,
};

bool
ata_has_lba(const uint16_t *word)
{
	return (word[WORD_CAPS] & CAPS_LBA) != 0;
}

bool
ata_has_dma(const uint16_t *word)
{
	return (word[WORD_CAPS] & CAPS_DMA) != 0;
}

bool
ata_has_lba48(const uint16_t *word)
{
	return (word[WORD_COMMANDS] & COMMANDS_LBA48) != 0;
}

/* Words 75 and 76 are those of ATA8-ACS 7.16; 0 and all ones say nothing. */
unsigned
ata_queue_depth(const uint16_t *word)
{
	if (word[WORD_SATA] == UINT16_MAX || (word[WORD_SATA] & SATA_NCQ) == 0)
		return 1;
	return (word[WORD_DEPTH] & DEPTH_MASK) + 1u;
}

static uint64_t
capacity(const uint16_t *word)
{
	bool     wide = ata_has_lba48(word);
	uint64_t n = 0;

	for (int k = wide ? 3 : 1; k >= 0; k--)
		n = n << 16 | word[(wide ? WORD_LBA48 : WORD_LBA28) + k];
	return n;
}

/* Text in words is big-endian (ATA-6 3.2.9). */
static void
serial(char *out, const uint16_t *word)
{
	unsigned n = 0;

	for (unsigned k = 0; k < 20; k++) {
		uint16_t w = word[WORD_SERIAL + k / 2];
		char     c = (char)(k % 2 == 0 ? w >> 8 : w & 0xff);

		if (c > ' ' && c < 0x7f)
			out[n++] = c;
	}
	out[n] = '\0';
}

enum status
ata_geometry(struct dev *d, const uint16_t *word, struct block_geometry *g)
{
	uint16_t sector = word[WORD_SECTOR];
	bool     valid = (sector & SECTOR_VALID) == SECTOR_IS;
	uint64_t most = ata_has_lba48(word) ? UINT64_C(1) << 48
					    : ATA_LBA28_SECTORS;

	g->sectors = capacity(word);
	g->sector_bytes = BLOCK_SECTOR;
	if ((word[WORD_ENABLED] & ENABLED_CACHE) != 0)
		g->features |= BLOCK_HAS_FLUSH;
	serial(g->serial, word);
	if (valid && (sector & SECTOR_LOGICAL) != 0) {
		dev_remark(d, "sectors that are not of 512 bytes");
		return RC_UNSUPPORTED;
	}
	if (valid && (sector & SECTOR_MULTIPLE) != 0 &&
	    (sector & SECTOR_POWER) == 3)
		g->sector_bytes = PAGE_SIZE;
	if (g->sectors == 0 || g->sectors > most) {
		dev_remark(d, "a capacity of %llu sectors",
		    (unsigned long long)g->sectors);
		return RC_DEVICE;
	}
	return RC_OK;
}
