/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reset and initialisation (NVMe 7.6.1), and the admin commands: one at a
 * time, each waited for with a deadline.
 */
#include <string.h>

#include "uldrv/block/nvme/nvme.h"

#define ADMIN_TIME (2 * SECOND)
#define READY_UNIT (500 * MILLISECOND) /* Of CAP.TO (3.1.1). */

enum {
	ENTRY_64 = 6, /* Powers of two, for CC. */
	ENTRY_16 = 4,

	IDENTIFY_NAMESPACE = 0,
	IDENTIFY_CONTROLLER = 1,

	/* Identify controller, figure 247. */
	CONTROLLER_SERIAL = 4,
	SERIAL_BYTES = 20,
	CONTROLLER_MDTS = 77,
	CONTROLLER_VWC = 525,

	/* Identify namespace, figure 245. */
	NAMESPACE_FLBAS = 26,
	NAMESPACE_LBAF = 128,
	LBAF_DATA = 2, /* Byte of a format: log2 of the sector. */
	SECTOR_POWER = 9,
};

bool
nvme_taken(struct dev *d, struct nvme_queue *q, uint32_t at, unsigned entries,
    struct nvme_completion *c)
{
	const struct nvme_completion *e = (const struct nvme_completion *)
					      dev_dma(d, at) +
	    q->head;
	/* Orders the controller's write of the entry before our read of it. */
	uint16_t status = __atomic_load_n(&e->status, __ATOMIC_ACQUIRE);

	if ((status & 1) != q->phase)
		return false;
	*c = *e;
	if (++q->head == entries) {
		q->head = 0;
		q->phase ^= 1;
	}
	return true;
}

/* Of the admin queue. */
static bool
has_answered(struct dev *d)
{
	struct nvme                  *v = d->state;
	const struct nvme_completion *e = dev_dma(d, NVME_ADMIN_CQ_AT);

	return (__atomic_load_n(&e[v->admin.head].status, __ATOMIC_ACQUIRE) &
		   1) == v->admin.phase;
}

static enum status
admin(struct dev *d, const struct nvme_command *command, uint32_t *result)
{
	struct nvme           *v = d->state;
	struct nvme_command   *sq = dev_dma(d, NVME_ADMIN_SQ_AT);
	struct nvme_completion c;

	sq[v->admin.tail] = *command;
	sq[v->admin.tail].id = v->admin.tail;
	v->admin.tail = (uint16_t)((v->admin.tail + 1) % NVME_ADMIN_ENTRIES);
	dma_release(); /* The command before the doorbell. */
	nvme_write_SQ0TDBL(d, v->admin.tail);
	if (!dev_until(d, has_answered, ADMIN_TIME) ||
	    !nvme_taken(
		d, &v->admin, NVME_ADMIN_CQ_AT, NVME_ADMIN_ENTRIES, &c)) {
		dev_remark(d, "no answer to admin command %u", command->op);
		return RC_TIMEOUT;
	}
	nvme_write_CQ0HDBL(d, v->admin.head);
	if (c.status >> 1 != 0) {
		dev_remark(d, "admin command %u: status 0x%x", command->op,
		    c.status >> 1);
		return RC_DEVICE;
	}
	*result = c.result;
	return RC_OK;
}

enum status
nvme_abort(struct dev *d, unsigned id)
{
	const struct nvme_command abort = {
	    .op = NVME_ABORT,
	    .word = {1 | (uint32_t)id << 16},
	};
	uint32_t result;

	return admin(d, &abort, &result);
}

/* ------------------------------------------------------------- start-up */

static bool
is_off(struct dev *d)
{
	return (nvme_read_CSTS(d) & NVME_CSTS_RDY) == 0;
}

/* Ready, or failed for good. */
static bool
is_on(struct dev *d)
{
	return (nvme_read_CSTS(d) & (NVME_CSTS_RDY | NVME_CSTS_CFS)) != 0;
}

static enum status
doorbells(struct dev *d, uint64_t cap)
{
	static const uint8_t region[4] = {NVME_REGION_ADMIN_TAIL,
	    NVME_REGION_ADMIN_HEAD, NVME_REGION_QUEUE_TAIL,
	    NVME_REGION_QUEUE_HEAD};
	unsigned             stride = 4u
	    << ((cap & NVME_CAP_DSTRD_MASK) >> NVME_CAP_DSTRD_SHIFT);

	for (unsigned i = 0; i < 4; i++) {
		enum status st = reg_found(
		    d, region[i], 0, NVME_DOORBELLS + i * stride, 4, 4);

		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

static enum status
enable(struct dev *d)
{
	struct nvme *v = d->state;

	nvme_write_CC(d, 0);
	if (!dev_until(d, is_off, v->ready)) {
		dev_remark(d, "cannot be turned off");
		return RC_TIMEOUT;
	}
	memset(dev_dma(d, 0), 0, NVME_IDENTIFY_AT);
	v->admin = v->io = (struct nvme_queue){.phase = 1};
	v->flying = 0;
	nvme_write_AQA(d,
	    (NVME_ADMIN_ENTRIES - 1) << NVME_AQA_ASQS_SHIFT |
		(NVME_ADMIN_ENTRIES - 1) << NVME_AQA_ACQS_SHIFT);
	nvme_write_ASQ(d, dev_bus(d, NVME_ADMIN_SQ_AT));
	nvme_write_ACQ(d, dev_bus(d, NVME_ADMIN_CQ_AT));
	nvme_write_CC(d,
	    NVME_CC_EN | ENTRY_64 << NVME_CC_IOSQES_SHIFT |
		ENTRY_16 << NVME_CC_IOCQES_SHIFT);
	if (!dev_until(d, is_on, v->ready) ||
	    (nvme_read_CSTS(d) & NVME_CSTS_CFS) != 0) {
		dev_remark(d, "does not become ready");
		return RC_TIMEOUT;
	}
	return RC_OK;
}

static enum status
make_queues(struct dev *d)
{
	const struct nvme_command cq = {
	    .op = NVME_CREATE_CQ,
	    .prp1 = dev_bus(d, NVME_CQ_AT),
	    .word = {1 | (NVME_ENTRIES - 1) << 16,
		NVME_QUEUE_CONTIGUOUS | NVME_QUEUE_INTERRUPTS},
	};
	const struct nvme_command sq = {
	    .op = NVME_CREATE_SQ,
	    .prp1 = dev_bus(d, NVME_SQ_AT),
	    .word = {1 | (NVME_ENTRIES - 1) << 16,
		NVME_QUEUE_CONTIGUOUS | 1 << 16},
	};
	uint32_t    unused;
	enum status st = admin(d, &cq, &unused);

	return st == RC_OK ? admin(d, &sq, &unused) : st;
}

enum status
nvme_start(struct dev *d)
{
	struct nvme *v = d->state;
	uint64_t     cap = nvme_read_CAP(d);
	enum status  st;

	v->ready = (1 + ((cap & NVME_CAP_TO_MASK) >> NVME_CAP_TO_SHIFT)) *
	    READY_UNIT;
	if ((cap & NVME_CAP_MPSMIN_MASK) != 0 ||
	    (cap & NVME_CAP_MQES_MASK) < NVME_ENTRIES - 1) {
		dev_remark(d, "no pages of 4 KiB, or short queues");
		return RC_UNSUPPORTED;
	}
	st = doorbells(d, cap);
	if (st == RC_OK)
		st = enable(d);
	return st == RC_OK ? make_queues(d) : st;
}

/* ------------------------------------------------------------- identify */

static enum status
identify(struct dev *d, uint32_t space, uint32_t what)
{
	const struct nvme_command command = {
	    .op = NVME_IDENTIFY,
	    .space = space,
	    .prp1 = dev_bus(d, NVME_IDENTIFY_AT),
	    .word = {what},
	};
	uint32_t unused;

	memset(dev_dma(d, NVME_IDENTIFY_AT), 0, PAGE_SIZE);
	return admin(d, &command, &unused);
}

static void
serial(char *out, const uint8_t *data)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SERIAL_BYTES; i++)
		if (data[i] > ' ' && data[i] < 0x7f)
			out[n++] = (char)data[i];
	out[n] = '\0';
}

static enum status
controller(struct dev *d, struct block_geometry *g)
{
	struct nvme   *v = d->state;
	const uint8_t *data = dev_dma(d, NVME_IDENTIFY_AT);
	enum status    st = identify(d, 0, IDENTIFY_CONTROLLER);
	uint8_t        power = data[CONTROLLER_MDTS];

	v->most = NVME_BYTES;
	/* 0: no limit; else pages, as a power of two. */
	if (power != 0 && power < 7)
		v->most = PAGE_SIZE << power;
	if ((data[CONTROLLER_VWC] & 1) != 0)
		g->features |= BLOCK_HAS_FLUSH;
	serial(g->serial, data + CONTROLLER_SERIAL);
	return st;
}

enum status
nvme_identify(struct dev *d)
{
	struct block_geometry *g = block_geometry(d);
	const uint8_t         *data = dev_dma(d, NVME_IDENTIFY_AT);
	const uint8_t         *format;
	enum status            st;

	*g = (struct block_geometry){
	    .features = BLOCK_HAS_DMA,
	    .segments = BLOCK_SEGMENTS,
	    .bytes = BLOCK_BYTES_MAX,
	    .segment_bytes = BLOCK_BYTES_MAX,
	    .sector_bytes = BLOCK_SECTOR,
	    .address_bits = 64,
	};
	st = controller(d, g);
	if (st == RC_OK)
		st = identify(d, NVME_NAMESPACE, IDENTIFY_NAMESPACE);
	if (st != RC_OK)
		return st;
	memcpy(&g->sectors, data, sizeof(g->sectors));
	if (g->sectors == 0) {
		dev_remark(d, "it has no namespace");
		return RC_NOT_FOUND;
	}
	format = data + NAMESPACE_LBAF + (data[NAMESPACE_FLBAS] & 15) * 4;
	if (format[LBAF_DATA] != SECTOR_POWER) {
		dev_remark(d, "sectors that are not of 512 bytes");
		return RC_UNSUPPORTED;
	}
	if (g->sectors > UINT64_MAX / BLOCK_SECTOR) {
		dev_remark(d, "a capacity of %llu sectors",
		    (unsigned long long)g->sectors);
		return RC_DEVICE;
	}
	dev_remark(d, "%llu sectors, %u KiB a command, serial %s",
	    (unsigned long long)g->sectors,
	    ((struct nvme *)d->state)->most >> 10, g->serial);
	return RC_OK;
}
