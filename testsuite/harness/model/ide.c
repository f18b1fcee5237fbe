/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One channel of PIIX3's IDE as QEMU 7.2 shows it: a master disk with LBA48,
 * bus-master DMA, PIO. Registers after ATA-6 7, the bus master after PIIX3 2.7.
 *
 * PIO commands interrupt for each sector; QEMU sets the bus master's interrupt
 * bit for them too.
 */
#include "testsuite/harness/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/compare.h"

enum {
	STEP = 100000, /* Nanoseconds. */
	ERR = 1,
	DRQ = 8,
	DF = 0x20,
	DRDY = 0x50, /* With DSC, as QEMU has it: it is obsolete in ATA-6. */
	BSY = 0x80,
	ABRT = 4,
	UNC = 0x40,
	IDNF = 0x10,
	BM_ACTIVE = 1,
	BM_ERROR = 2,
	BM_INTERRUPT = 4,
	NIEN = 2,
	SRST = 4,
};

enum doing {
	IDLE,
	DOING_DMA,
	DOING_PIO_IN,
	DOING_PIO_OUT,
	DOING_FLUSH,
	DOING_RESET,
	DOING_IDENTIFY,
	HUNG,
};

struct ide_model {
	uint8_t         status, error, control, device;
	uint8_t         count[2], lba[3][2]; /* Newest first. */
	uint8_t         bm_command, bm_status;
	uint32_t        bm_table;
	uint8_t         command;
	enum doing      doing;
	bool            intrq;
	uint64_t        sector;
	uint32_t        left; /* Sectors. */
	uint8_t         buffer[512];
	unsigned        at; /* In the buffer; 512: nothing wanted. */
	enum fault_kind fault;
};

static void
power_on(struct harness *h)
{
	struct ide_model *m = h->model;

	*m = (struct ide_model){.status = DRDY, .at = 512};
	m->count[0] = m->lba[0][0] = 1;
}

/* A channel without bus master, for the PIO path; by the environment. */
static bool
without_master(void)
{
	const char *pio = getenv("PIO");

	return pio != NULL && *pio != '\0';
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x1f0, .bytes = 8};
	g->port[1] = (struct control_range){.first = 0x3f6, .bytes = 1};
	if (!without_master())
		g->port[2] = (struct control_range){
		    .first = 0xc040, .bytes = 8};
}

static void
interrupt(struct harness *h, struct ide_model *m)
{
	m->intrq = true;
	m->bm_status |= BM_INTERRUPT;
	if ((m->control & NIEN) == 0)
		model_interrupt(h, 0);
}

static void
fail(struct harness *h, struct ide_model *m, uint8_t error)
{
	m->status = DRDY | ERR;
	m->error = error;
	m->doing = IDLE;
	m->at = 512;
	m->bm_status &= (uint8_t)~BM_ACTIVE;
	interrupt(h, m);
}

static void
identify_fill(uint8_t *buffer)
{
	uint16_t    w[256] = {0};
	const char *serial = "MODEL00001          ";

	for (unsigned i = 0; i < 10; i++)
		w[10 + i] = (uint16_t)(serial[2 * i] << 8 | serial[2 * i + 1]);
	w[49] = 1 << 8 | 1 << 9;
	w[60] = DISK_SECTORS;
	w[83] = 1 << 14 | 1 << 13 | 1 << 12 | 1 << 10;
	w[85] = 1 << 5;
	w[86] = 1 << 10;
	w[100] = DISK_SECTORS;
	memcpy(buffer, w, 512);
}

static void
soft_reset(struct harness *h, struct ide_model *m, uint8_t control)
{
	bool was = (m->control & SRST) != 0;

	m->control = control;
	if ((control & SRST) != 0 && !was) {
		m->status = BSY;
		m->doing = DOING_RESET;
		m->bm_command = 0;
		m->bm_status &= (uint8_t)~BM_ACTIVE;
		h->step_at = 0;
	} else if ((control & SRST) == 0 && was) {
		model_later(h, STEP);
	}
}

static uint32_t
data_read(struct harness *h, struct ide_model *m)
{
	uint32_t v;

	if (m->at >= 512 || (m->status & DRQ) == 0)
		return 0xffff;
	v = m->buffer[m->at] | (uint32_t)m->buffer[m->at + 1] << 8;
	m->at += 2;
	if (m->at < 512)
		return v;
	m->status &= (uint8_t)~DRQ;
	if (m->doing == DOING_PIO_IN && m->left > 0) {
		m->status = BSY;
		model_later(h, STEP / 10);
	} else {
		m->doing = IDLE;
		m->status = DRDY;
	}
	return v;
}

static void
data_write(struct harness *h, struct ide_model *m, uint32_t v)
{
	if (m->doing != DOING_PIO_OUT || m->at >= 512 ||
	    (m->status & DRQ) == 0) {
		model_complain(h, "data written that nobody asked for");
		return;
	}
	m->buffer[m->at] = (uint8_t)v;
	m->buffer[m->at + 1] = (uint8_t)(v >> 8);
	m->at += 2;
	if (m->at < 512)
		return;
	m->status = BSY;
	model_later(h, STEP / 10);
}

static uint32_t
command_read(struct harness *h, struct ide_model *m, uint64_t offset)
{
	unsigned old = (m->control & 0x80) != 0;

	/* There is no second disk. */
	if ((m->device & 0x10) != 0 && offset != 6)
		return 0;
	switch (offset) {
	case 0:
		return data_read(h, m);
	case 1:
		return m->error;
	case 2:
		return m->count[old];
	case 3:
	case 4:
	case 5:
		return m->lba[offset - 3][old];
	case 6:
		return m->device;
	default:
		m->intrq = false;
		return m->status;
	}
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct ide_model *m = h->model;

	(void)bytes;
	if (kind != REGION_PORTS)
		return UINT32_MAX;
	if (resource == 0)
		return command_read(h, m, offset);
	if (resource == 1)
		return (m->device & 0x10) != 0 ? 0 : m->status;
	if (offset == 0)
		return m->bm_command;
	if (offset == 2)
		return m->bm_status;
	return offset == 4 ? m->bm_table : 0;
}

static uint64_t
lba_of(const struct ide_model *m, bool ext)
{
	uint64_t lba = m->lba[0][0] | (uint64_t)m->lba[1][0] << 8 |
	    (uint64_t)m->lba[2][0] << 16;

	if (!ext)
		return lba | (uint64_t)(m->device & 15) << 24;
	return lba | (uint64_t)m->lba[0][1] << 24 |
	    (uint64_t)m->lba[1][1] << 32 | (uint64_t)m->lba[2][1] << 40;
}

static uint32_t
count_of(const struct ide_model *m, bool ext)
{
	uint32_t n = m->count[0] | (ext ? (uint32_t)m->count[1] << 8 : 0);

	return n != 0 ? n : (ext ? 65536 : 256);
}

static void
run_command(struct harness *h, struct ide_model *m, uint8_t command)
{
	bool ext = command == 0x24 || command == 0x25 || command == 0x34 ||
	    command == 0x35 || command == 0xea;

	if ((m->status & (BSY | DRQ)) != 0)
		model_complain(h, "command 0x%x while busy", command);
	m->command = command;
	m->error = 0;
	m->status = BSY;
	m->at = 512;
	m->sector = lba_of(m, ext);
	m->left = count_of(m, ext);
	m->fault = command == 0xec ? FK_NOTHING : model_command(h);
	switch (command) {
	case 0xec:
		m->doing = DOING_IDENTIFY;
		break;
	case 0x24:
	case 0x20:
		m->doing = DOING_PIO_IN;
		break;
	case 0x34:
	case 0x30:
		m->doing = DOING_PIO_OUT;
		m->status = DRDY | DRQ;
		m->at = 0;
		break;
	case 0x25:
	case 0x35:
	case 0xc8:
	case 0xca:
		m->doing = DOING_DMA;
		break;
	case 0xe7:
	case 0xea:
		m->doing = DOING_FLUSH;
		break;
	default:
		fail(h, m, ABRT);
		return;
	}
	if (m->fault == FK_HANG) {
		m->doing = HUNG;
		m->status = BSY;
		return;
	}
	if (m->doing != DOING_PIO_OUT && m->doing != DOING_DMA)
		model_later(h, STEP);
}

static void
command_write(
    struct harness *h, struct ide_model *m, uint64_t offset, uint32_t v)
{
	switch (offset) {
	case 0:
		data_write(h, m, v);
		break;
	case 2:
		m->count[1] = m->count[0];
		m->count[0] = (uint8_t)v;
		break;
	case 3:
	case 4:
	case 5:
		m->lba[offset - 3][1] = m->lba[offset - 3][0];
		m->lba[offset - 3][0] = (uint8_t)v;
		break;
	case 6:
		m->device = (uint8_t)v;
		break;
	case 7:
		if ((m->device & 0x10) == 0)
			run_command(h, m, (uint8_t)v);
		break;
	default:
		break;
	}
}

static void
master_write(
    struct harness *h, struct ide_model *m, uint64_t offset, uint32_t v)
{
	if (offset == 0) {
		m->bm_command = (uint8_t)v;
		if ((v & 1) != 0) {
			m->bm_status |= BM_ACTIVE;
			if (m->doing == DOING_DMA)
				model_later(h, STEP);
		} else {
			m->bm_status &= (uint8_t)~BM_ACTIVE;
		}
	} else if (offset == 2) {
		/* Interrupt and error are cleared by writing one. */
		m->bm_status &= (uint8_t) ~(v & (BM_INTERRUPT | BM_ERROR));
	} else if (offset == 4) {
		if ((m->bm_status & BM_ACTIVE) != 0)
			model_complain(h, "table changed while active");
		m->bm_table = v;
	}
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct ide_model *m = h->model;

	(void)bytes;
	if (kind != REGION_PORTS)
		return;
	if (resource == 0)
		command_write(h, m, offset, value);
	else if (resource == 1)
		soft_reset(h, m, (uint8_t)value);
	else
		master_write(h, m, offset, value);
}

/* Moves all sectors through the PRD table; true if all were moved. */
static bool
dma_transfer(struct harness *h, struct ide_model *m, bool in)
{
	uint32_t left = m->left * 512, at = (uint32_t)m->sector * 512;
	uint32_t half = m->fault == FK_SHORT ? left / 2 : 0;

	for (unsigned i = 0; i < 512 && left > half; i++) {
		uint32_t prd[2], bytes;

		(void)model_dma(h, m->bm_table + 8 * i, prd, 8, false);
		bytes = prd[1] & 0xffff;
		bytes = bytes == 0 ? 0x10000 : bytes;
		if ((prd[0] & 0xffff) + bytes > 0x10000)
			model_complain(h, "a region crosses 64 KiB");
		if (bytes > left)
			bytes = left;
		(void)model_dma(h, prd[0], h->disk + at, bytes, in);
		at += bytes;
		left -= bytes;
		if ((prd[1] & 0x80000000u) != 0)
			break;
	}
	return left == 0;
}

static void
dma_step(struct harness *h, struct ide_model *m)
{
	bool in = m->command == 0x25 || m->command == 0xc8;

	if ((m->bm_status & BM_ACTIVE) == 0)
		return;
	if (((m->bm_command & 8) != 0) != in)
		model_complain(h, "bus master in the wrong direction");
	if (m->fault == FK_ERROR) {
		fail(h, m, UNC);
		return;
	}
	if (!dma_transfer(h, m, in)) {
		if (m->fault == FK_SHORT) {
			fail(h, m, ABRT);
			return;
		}
		m->status = DRDY; /* Still active: the table was too short. */
	} else {
		m->bm_status &= (uint8_t)~BM_ACTIVE;
		m->status = DRDY;
	}
	m->doing = IDLE;
	interrupt(h, m);
}

static void
pio_step(struct harness *h, struct ide_model *m)
{
	bool in = m->doing == DOING_PIO_IN;

	if (m->fault == FK_ERROR ||
	    (m->fault == FK_SHORT && m->left <= count_of(m, true) / 2)) {
		fail(h, m, UNC);
		return;
	}
	if (in) {
		memcpy(m->buffer, h->disk + m->sector * 512, 512);
		m->at = 0;
		m->status = DRDY | DRQ;
	} else {
		memcpy(h->disk + m->sector * 512, m->buffer, 512);
		m->at = m->left > 1 ? 0 : 512;
		m->status = m->left > 1 ? DRDY | DRQ : DRDY;
	}
	m->sector++;
	m->left--;
	if (!in && m->left == 0)
		m->doing = IDLE;
	interrupt(h, m);
}

static void
step(struct harness *h)
{
	struct ide_model *m = h->model;

	if ((m->doing == DOING_DMA || m->doing == DOING_PIO_IN ||
		m->doing == DOING_PIO_OUT) &&
	    m->sector + m->left > DISK_SECTORS) {
		fail(h, m, IDNF);
		return;
	}
	switch (m->doing) {
	case DOING_RESET:
		m->doing = IDLE;
		m->status = DRDY;
		m->error = 1;
		m->device = 0;
		m->lba[1][0] = m->lba[2][0] = 0;
		break;
	case DOING_IDENTIFY:
		identify_fill(m->buffer);
		m->at = 0;
		m->status = DRDY | DRQ;
		interrupt(h, m);
		break;
	case DOING_FLUSH:
		if (m->fault == FK_ERROR || m->fault == FK_SHORT) {
			fail(h, m, ABRT);
			break;
		}
		m->doing = IDLE;
		m->status = DRDY;
		interrupt(h, m);
		break;
	case DOING_DMA:
		dma_step(h, m);
		break;
	case DOING_PIO_IN:
	case DOING_PIO_OUT:
		pio_step(h, m);
		break;
	case IDLE:
	case HUNG:
		break;
	}
}

const struct model_difference model_differences[] = {
    {"R16 port0+0x0 = 00\\*20 4f 4d*", "R16 port0+0x0 = 40 00*",
	"IDENTIFY data: of QEMU's words the model has those that a driver of "
	"ATA-6 needs"},
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct ide_model),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
