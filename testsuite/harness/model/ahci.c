/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICH9's AHCI adapter as QEMU 7.2 shows it, with a disk on port 1 that has a
 * queue. Registers after AHCI 1.3.1, section 3; what happens after section 5.
 *
 * Commands are carried out one in each step; queued ones the newest and the
 * oldest in turn, so that they complete out of order. After an error nothing
 * is carried out until the port is set going again (6.2.2).
 */
#include "testsuite/harness/model/model.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/compare.h"

enum {
	BAR = 5,
	PORT = 1,
	SLOTS = 32,
	STEP = 100000, /* Nanoseconds. */
	CAP = 0xc0141f05,
	GHC_HR = 1,
	GHC_IE = 2,
	GHC_AE = 1 << 31,
	CMD_ST = 1,
	CMD_FRE = 1 << 4,
	CMD_FR = 1 << 14,
	CMD_CR = 1 << 15,
	IS_DHRS = 1,
	IS_PSS = 2,
	IS_SDBS = 8,
	IS_TFES = 1 << 30,
	READY = 0x50,
	ERROR = 0x51,
	UNC = 0x40,
	ABRT = 4,
};

struct ahci_model {
	uint32_t ghc, is;
	uint64_t clb, fb;
	uint32_t pxis, pxie, cmd, tfd, sig, serr, sact, ci;
	uint8_t  waiting[SLOTS];
	unsigned nwaiting, turn;
	bool     halted;
};

static void step(struct harness *h);

struct fis {
	uint8_t type, flags, command, features;
	uint8_t lba[3], device, lba_high[3], features_high;
	uint8_t count, count_high, unused[6];
};

static void
port_reset(struct ahci_model *m)
{
	*m = (struct ahci_model){
	    .ghc = m->ghc,
	    .tfd = 0x7f,
	    .sig = UINT32_MAX,
	    .turn = m->turn,
	};
}

static void
power_on(struct harness *h)
{
	struct ahci_model *m = h->model;

	*m = (struct ahci_model){.ghc = 1u << 31};
	port_reset(m);
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->message = 2;
	g->mmio[BAR] = (struct control_range){
	    .first = 0xfebd0000, .bytes = 0x1000};
}

/* What the port tells, the adapter tells; each time it is a message. */
static void
tell(struct harness *h, struct ahci_model *m)
{
	if ((m->pxis & m->pxie) != 0)
		m->is |= 1u << PORT;
	if (m->is != 0 && (m->ghc & GHC_IE) != 0)
		model_interrupt(h, 0);
}

static uint32_t
port_read(const struct ahci_model *m, uint64_t offset)
{
	switch (offset) {
	case 0x00:
		return (uint32_t)m->clb;
	case 0x04:
		return (uint32_t)(m->clb >> 32);
	case 0x08:
		return (uint32_t)m->fb;
	case 0x0c:
		return (uint32_t)(m->fb >> 32);
	case 0x10:
		return m->pxis;
	case 0x14:
		return m->pxie;
	case 0x18:
		return m->cmd;
	case 0x20:
		return m->tfd;
	case 0x24:
		return m->sig;
	case 0x28:
		return 0x113; /* Linked, generation 1, active. */
	case 0x30:
		return m->serr;
	case 0x34:
		return m->sact;
	case 0x38:
		return m->ci;
	default:
		return 0;
	}
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	const struct ahci_model *m = h->model;

	if (kind != REGION_MMIO || resource != BAR || bytes != 4)
		model_complain(h, "not a 32-bit access");
	if (offset >= 0x100 + PORT * 0x80 && offset < 0x180 + PORT * 0x80)
		return port_read(m, offset - 0x100 - PORT * 0x80);
	switch (offset) {
	case 0x00:
		return CAP;
	case 0x04:
		return m->ghc;
	case 0x08:
		return m->is;
	case 0x0c:
		return 0x3f;
	case 0x10:
		return 0x10000;
	default:
		return 0; /* A port without a disk. */
	}
}

static void
half(uint64_t *word, bool high, uint32_t value)
{
	*word = high ? (*word & UINT32_MAX) | (uint64_t)value << 32
		     : (*word & ~(uint64_t)UINT32_MAX) | value;
}

/* A FIS from the device at this place of the receive area (4.2.1). */
static void
receive(struct harness *h, struct ahci_model *m, unsigned at, uint8_t type)
{
	uint8_t fis[20] = {type, 0x40, (uint8_t)m->tfd, (uint8_t)(m->tfd >> 8)};

	if ((m->cmd & CMD_FRE) != 0)
		(void)model_dma(
		    h, m->fb + at, fis, type == 0xa1 ? 8 : 20, true);
}

static void
write_command(struct harness *h, struct ahci_model *m, uint32_t v)
{
	bool fre = (m->cmd & CMD_FRE) == 0 && (v & CMD_FRE) != 0;

	m->cmd = v & ~(uint32_t)(CMD_FR | CMD_CR);
	if ((v & CMD_FRE) != 0)
		m->cmd |= CMD_FR;
	if ((v & CMD_ST) != 0)
		m->cmd |= CMD_CR;
	if ((v & CMD_ST) != 0 && (v & CMD_FRE) == 0)
		model_complain(h, "started without FIS receive (10.3.1)");
	if ((v & CMD_ST) == 0) {
		m->ci = m->sact = 0;
		m->nwaiting = 0;
		m->halted = false;
	}
	/* The first FIS brings the signature. */
	if (fre && m->sig == UINT32_MAX) {
		m->sig = 0x101;
		m->tfd = 0x130; /* QEMU's; a disk's would be 0x150. */
		receive(h, m, 0x40, 0x34);
	}
}

static void
write_issue(struct harness *h, struct ahci_model *m, uint32_t v)
{
	if ((m->cmd & CMD_ST) == 0) {
		model_complain(h, "issued while the port is stopped");
		return;
	}
	for (unsigned s = 0; s < SLOTS; s++)
		if ((v >> s & 1) != 0 && (m->ci >> s & 1) == 0) {
			if (m->nwaiting == SLOTS) {
				model_complain(h, "more than the queue has");
				return;
			}
			m->ci |= 1u << s;
			m->waiting[m->nwaiting++] = (uint8_t)s;
		}
	if (m->nwaiting == 0 || m->halted)
		return;
	if (h->prompt)
		step(h);
	else
		model_later(h, STEP);
}

static void
port_write(struct harness *h, struct ahci_model *m, uint64_t offset, uint32_t v)
{
	switch (offset) {
	case 0x00:
	case 0x04:
		half(&m->clb, offset == 4, v);
		break;
	case 0x08:
	case 0x0c:
		half(&m->fb, offset == 12, v);
		break;
	case 0x10:
		m->pxis &= ~v;
		break;
	case 0x14:
		m->pxie = v & 0xfdc000ff;
		break;
	case 0x18:
		write_command(h, m, v);
		break;
	case 0x30:
		m->serr &= ~v;
		break;
	case 0x34:
		m->sact |= v;
		break;
	case 0x38:
		write_issue(h, m, v);
		break;
	default:
		model_complain(
		    h, "write at port + 0x%llx", (unsigned long long)offset);
	}
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct ahci_model *m = h->model;

	if (kind != REGION_MMIO || resource != BAR || bytes != 4)
		model_complain(h, "not a 32-bit access");
	if (offset >= 0x100 + PORT * 0x80 && offset < 0x180 + PORT * 0x80) {
		port_write(h, m, offset - 0x100 - PORT * 0x80, value);
		return;
	}
	switch (offset) {
	case 0x04:
		if ((value & GHC_HR) != 0) {
			power_on(h);
			h->step_at = 0;
			break;
		}
		m->ghc = (value & GHC_IE) | 1u << 31;
		if ((value & GHC_IE) != 0)
			tell(h, m);
		break;
	case 0x08:
		m->is &= ~value;
		if ((m->pxis & m->pxie) != 0)
			tell(h, m); /* The cause still stands. */
		break;
	default:
		model_complain(
		    h, "write at 0x%llx", (unsigned long long)offset);
	}
}

/* ------------------------------------------------------ commands */

static void
identify(struct harness *h, uint64_t prd)
{
	uint16_t    w[256] = {0};
	uint64_t    at = 0;
	const char *serial = "MODEL00001          ";

	for (unsigned i = 0; i < 10; i++)
		w[10 + i] = (uint16_t)(serial[2 * i] << 8 | serial[2 * i + 1]);
	w[49] = 1 << 8 | 1 << 9;
	w[60] = DISK_SECTORS;
	w[75] = 31;
	w[76] = 1 << 8;
	w[83] = 1 << 14 | 1 << 13 | 1 << 12 | 1 << 10;
	w[85] = 1 << 5;
	w[86] = 1 << 10;
	w[100] = DISK_SECTORS;
	(void)model_dma(h, prd, &at, 8, false);
	(void)model_dma(h, at, w, 512, true);
}

/* Moves the data of so many PRDs; the bytes moved. */
static uint32_t
transfer(struct harness *h, uint64_t prds, unsigned n, uint64_t at, bool in)
{
	uint32_t moved = 0;

	for (unsigned i = 0; i < n; i++) {
		struct {
			uint64_t address;
			uint32_t unused, last;
		} prd;
		uint32_t bytes;

		if (!model_dma(h, prds + 16 * i, &prd, 16, false))
			return moved;
		bytes = (prd.last & 0x3fffff) + 1;
		if ((prd.address & 1) != 0 || (bytes & 1) != 0)
			model_complain(h, "a region that is not of words");
		if (at > DISK_SECTORS * 512u ||
		    bytes > DISK_SECTORS * 512u - at)
			return moved;
		(void)model_dma(h, prd.address, h->disk + at, bytes, in);
		at += bytes;
		moved += bytes;
	}
	return moved;
}

static void
fail(struct harness *h, struct ahci_model *m, unsigned slot, bool queued,
    uint8_t error)
{
	m->tfd = (uint32_t)error << 8 | ERROR;
	if (queued)
		m->ci &= ~(1u << slot);
	m->halted = true;
	m->nwaiting = 0;
	receive(h, m, queued ? 0x58 : 0x40, queued ? 0xa1 : 0x34);
	m->pxis |= IS_TFES;
	tell(h, m);
}

static void
succeed(struct harness *h, struct ahci_model *m, unsigned slot, bool queued,
    bool pio)
{
	m->tfd = READY;
	m->ci &= ~(1u << slot);
	if (queued)
		m->sact &= ~(1u << slot);
	receive(h, m, queued ? 0x58 : 0x40, queued ? 0xa1 : 0x34);
	m->pxis |= queued ? IS_SDBS : pio ? IS_DHRS | IS_PSS : IS_DHRS;
	tell(h, m);
}

static bool
is_queued(const struct fis *f)
{
	return f->command == 0x60 || f->command == 0x61;
}

static uint64_t
bytes_of(const struct fis *f)
{
	int n = is_queued(f) ? f->features | f->features_high << 8
			     : f->count | f->count_high << 8;

	return (n == 0 ? 65536u : (unsigned)n) * UINT64_C(512);
}

static void
check(struct harness *h, const struct ahci_model *m, const struct fis *f,
    unsigned slot, unsigned flags)
{
	bool write = f->command == 0x61 || f->command == 0x35;

	if (f->type != 0x27 || (f->flags & 0x80) == 0 || (flags & 31) != 5)
		model_complain(h, "no command FIS");
	if (((flags & 0x40) != 0) != write)
		model_complain(h, "a command of the wrong direction");
	if (is_queued(f) && f->count >> 3 != slot)
		model_complain(h, "tag %u in slot %u", f->count >> 3, slot);
	if (is_queued(f) != ((m->sact >> slot & 1) != 0))
		model_complain(h, "SACT is not as it must be");
	if (!is_queued(f) && m->sact != 0)
		model_complain(h, "not queued among queued ones (5.6.4)");
}

static void
carry_out(struct harness *h, struct ahci_model *m, unsigned slot)
{
	uint32_t        header[4] = {0}, moved;
	struct fis      f = {0};
	uint64_t        table, sector;
	unsigned        prds;
	enum fault_kind fault;

	if (!model_dma(h, m->clb + 32 * slot, header, 16, false))
		return;
	table = header[2] | (uint64_t)header[3] << 32;
	prds = header[0] >> 16;
	if (!model_dma(h, table, &f, 20, false))
		return;
	check(h, m, &f, slot, header[0] & 0xffff);
	if (f.command == 0xec) {
		identify(h, table + 128);
		succeed(h, m, slot, false, true);
		return;
	}
	fault = model_command(h);
	if (fault == FK_HANG)
		return;
	sector = f.lba[0] | (uint64_t)f.lba[1] << 8 | (uint64_t)f.lba[2] << 16 |
	    (uint64_t)f.lba_high[0] << 24;
	if (f.command != 0xea && f.command != 0x25 && f.command != 0x35 &&
	    !is_queued(&f)) {
		fail(h, m, slot, false, ABRT);
		return;
	}
	if (fault == FK_SHORT)
		prds /= 2;
	moved = fault == FK_ERROR || f.command == 0xea
	    ? 0
	    : transfer(h, table + 128, prds, sector * 512,
		  f.command == 0x60 || f.command == 0x25);
	header[1] = moved;
	(void)model_dma(h, m->clb + 32 * slot + 4, &header[1], 4, true);
	if (fault == FK_ERROR || fault == FK_SHORT ||
	    (f.command != 0xea && moved != bytes_of(&f)))
		fail(h, m, slot, is_queued(&f), UNC);
	else
		succeed(h, m, slot, is_queued(&f), false);
}

static void
step(struct harness *h)
{
	struct ahci_model *m = h->model;
	unsigned           pick, slot;

	if (m->nwaiting == 0 || m->halted || (m->cmd & CMD_ST) == 0)
		return;
	/* Without a queue in the order of issue. */
	pick = m->sact != 0 && m->turn++ % 2 != 0 ? m->nwaiting - 1 : 0;
	slot = m->waiting[pick];
	memmove(
	    &m->waiting[pick], &m->waiting[pick + 1], m->nwaiting - pick - 1);
	m->nwaiting--;
	carry_out(h, m, slot);
	if (m->nwaiting != 0 && !m->halted)
		model_later(h, STEP);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct ahci_model),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
