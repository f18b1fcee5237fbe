/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset (AHCI 10.4.3), the first disk, its port (10.1.2, 10.3.1), IDENTIFY. */
#include <string.h>

#include "uldrv/block/ahci/ahci.h"
#include "uldrv/lib/ata.h"

#define RESET_TIME    SECOND /* AHCI 10.4.3. */
#define LINK_TIME     (100 * MILLISECOND)
#define READY_TIME    (5 * SECOND)
#define IDENTIFY_TIME (2 * SECOND)

enum { LINK_UP = 3 };

static bool
is_reset(struct dev *d)
{
	return (ahci_read_GHC(d) & AHCI_GHC_HR) == 0;
}

static enum status
port_select(struct dev *d, unsigned port)
{
	return reg_found(d, AHCI_REGION_PORT, 5,
	    AHCI_PORT_FIRST + (uint64_t)port * AHCI_PORT_BYTES, AHCI_PORT_BYTES,
	    AHCI_PORT_BYTES);
}

static bool
link_is_up(struct dev *d)
{
	return (ahci_read_PXSSTS(d) & AHCI_PXSSTS_DET_MASK) == LINK_UP;
}

static bool
disk_is_ready(struct dev *d)
{
	return (ahci_read_PXTFD(d) & (AHCI_PXTFD_BSY | AHCI_PXTFD_DRQ)) == 0;
}

/* Is there anything at the other end of any port? */
static bool
any_link(struct dev *d)
{
	uint32_t ports = ahci_read_PI(d);

	for (unsigned p = 0; p < AHCI_PORTS; p++)
		if ((ports >> p & 1) != 0 && port_select(d, p) == RC_OK &&
		    link_is_up(d))
			return true;
	return false;
}

/* Sets the selected port going; RC_NOT_FOUND if it has no disk. */
static enum status
port_start(struct dev *d)
{
	uint32_t command = AHCI_PXCMD_SUD | AHCI_PXCMD_POD;

	if (!link_is_up(d))
		return RC_NOT_FOUND;
	ahci_write_CLB(d, dev_bus(d, 0));
	ahci_write_FB(d, dev_bus(d, AHCI_FIS_AT));
	ahci_write_PXSERR(d, UINT32_MAX);
	/* The signature comes as a FIS. */
	ahci_write_PXCMD(d, command | AHCI_PXCMD_FRE);
	if (!dev_until(d, disk_is_ready, READY_TIME))
		return RC_TIMEOUT;
	if (ahci_read_PXSIG(d) != AHCI_PXSIG_ATA) {
		ahci_write_PXCMD(d, command);
		return RC_NOT_FOUND;
	}
	ahci_write_PXIE(d,
	    AHCI_PXIE_DHRE | AHCI_PXIE_PSE | AHCI_PXIE_SDBE | AHCI_PXIE_PRCE |
		AHCI_PXIE_IFE | AHCI_PXIE_HBDE | AHCI_PXIE_HBFE |
		AHCI_PXIE_TFEE);
	ahci_write_PXCMD(d, command | AHCI_PXCMD_FRE | AHCI_PXCMD_ST);
	return RC_OK;
}

enum status
ahci_start(struct dev *d)
{
	struct ahci *a = d->state;
	uint32_t     ports;
	enum status  st = RC_NOT_FOUND;

	a->plain = false;
	ahci_write_GHC(d, AHCI_GHC_AE);
	ahci_write_GHC(d, AHCI_GHC_AE | AHCI_GHC_HR);
	if (!dev_until(d, is_reset, RESET_TIME)) {
		dev_remark(d, "does not come out of reset");
		return RC_TIMEOUT;
	}
	ahci_write_GHC(d, AHCI_GHC_AE);
	if (!dev_until(d, any_link, LINK_TIME)) {
		dev_remark(d, "nothing on its ports");
		return RC_NOT_FOUND;
	}
	ports = ahci_read_PI(d);
	for (unsigned p = 0; p < AHCI_PORTS && st == RC_NOT_FOUND; p++) {
		if ((ports >> p & 1) == 0)
			continue;
		a->port = (uint8_t)p;
		st = port_select(d, p);
		if (st == RC_OK)
			st = port_start(d);
	}
	if (st != RC_OK)
		dev_remark(d,
		    st == RC_NOT_FOUND ? "no disk on its ports"
				       : "its disk is not ready");
	return st;
}

void
ahci_listen(struct dev *d)
{
	ahci_write_PXIS(d, UINT32_MAX);
	ahci_write_IS(d, UINT32_MAX);
	ahci_write_GHC(d, AHCI_GHC_AE | AHCI_GHC_IE);
}

/* ------------------------------------------------------------ identify */

static bool
identify_is_done(struct dev *d)
{
	return (ahci_read_PXCI(d) & 1) == 0 ||
	    (ahci_read_PXTFD(d) & AHCI_PXTFD_ERR) != 0;
}

enum status
ahci_identify(struct dev *d)
{
	struct ahci           *a = d->state;
	struct ahci_table     *t = ahci_table(d, 0);
	uint16_t              *word = dev_dma(d, AHCI_IDENTIFY_AT);
	struct block_geometry *g = block_geometry(d);
	uint32_t               cap = ahci_read_CAP(d);
	unsigned               depth;
	enum status            st;

	memset(word, 0, ATA_IDENTIFY_BYTES);
	memset(t, 0, sizeof(*t));
	t->fis = (struct ahci_fis){
	    .type = AHCI_FIS_H2D,
	    .flags = AHCI_FIS_COMMAND,
	    .command = ATA_IDENTIFY,
	};
	t->prd[0] = (struct ahci_prd){
	    .address = dev_bus(d, AHCI_IDENTIFY_AT),
	    .last = ATA_IDENTIFY_BYTES - 1,
	};
	ahci_issue(d, 0, 0, 1);
	if (!dev_until(d, identify_is_done, IDENTIFY_TIME)) {
		dev_remark(d, "does not say what it is");
		return RC_TIMEOUT;
	}
	*g = (struct block_geometry){
	    .features = BLOCK_HAS_DMA,
	    .segments = BLOCK_SEGMENTS,
	    .bytes = BLOCK_BYTES_MAX,
	    .segment_bytes = BLOCK_BYTES_MAX,
	    .address_bits = (cap & AHCI_CAP_S64A) != 0 ? 64 : 32,
	};
	st = ata_geometry(d, word, g);
	if (st != RC_OK)
		return st;
	if (!ata_has_lba48(word)) {
		dev_remark(d, "a disk without 48-bit addresses");
		return RC_UNSUPPORTED;
	}
	depth = ata_queue_depth(word);
	a->slots = (uint8_t)(((cap & AHCI_CAP_NCS_MASK) >> AHCI_CAP_NCS_SHIFT) +
	    1);
	a->queued = (cap & AHCI_CAP_SNCQ) != 0 && depth > 1;
	if (a->queued && depth < a->slots)
		a->slots = (uint8_t)depth;
	dev_remark(d, "port %u, %llu sectors, %s of %u, serial %s", a->port,
	    (unsigned long long)g->sectors, a->queued ? "queue" : "list",
	    a->slots, g->serial);
	return RC_OK;
}
