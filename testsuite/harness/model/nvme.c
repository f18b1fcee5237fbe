/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU 7.2's NVM Express controller with one namespace, as far as a driver of
 * one queue pair can see it. Registers after NVMe 1.4, section 3; queues after
 * section 4. Commands of the namespace are carried out one in each step, the
 * newest and the oldest in turn, so that they complete out of order.
 */
#include "testsuite/harness/model/model.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/compare.h"

enum {
	STEP = 100000, /* Nanoseconds. */
	CAP_LOW = 0x0f0107ff,
	CAP_HIGH = 0x00401820,
	CC_EN = 1,
	RDY = 1,
	CFS = 2,
	MDTS = 7,
	WAITING = 64,

	/* Status: type << 8 | code. */
	OK = 0,
	BAD_OPCODE = 0x001,
	BAD_FIELD = 0x002,
	BAD_LBA = 0x080,
	READ_ERROR = 0x281,
};

struct queue {
	uint64_t sq, cq;
	unsigned entries;
	unsigned head, tail; /* Of submission. */
	unsigned ctail, chead;
	bool     phase, made;
};

struct command {
	uint8_t  op, flags;
	uint16_t id;
	uint32_t space;
	uint64_t unused[2], prp[2];
	uint32_t word[6];
};

struct nvme_model {
	uint32_t       cc, csts, aqa;
	uint64_t       asq, acq;
	struct queue   queue[2]; /* Admin, and the namespace's. */
	uint64_t       cq1;      /* Made before its submission queue. */
	unsigned       cq1_entries;
	struct command waiting[WAITING];
	unsigned       nwaiting, turn;
};

static void step(struct harness *h);

static void
power_on(struct harness *h)
{
	*(struct nvme_model *)h->model = (struct nvme_model){0};
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->message = 1;
	g->mmio[0] = (struct control_range){
	    .first = 0xfebd0000, .bytes = 0x2000};
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	const struct nvme_model *m = h->model;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4)
		model_complain(h, "not a 32-bit access");
	switch (offset) {
	case 0x00:
		return CAP_LOW;
	case 0x04:
		return CAP_HIGH;
	case 0x08:
		return 0x10400;
	case 0x14:
		return m->cc;
	case 0x1c:
		return m->csts;
	case 0x24:
		return m->aqa;
	case 0x28:
		return (uint32_t)m->asq;
	case 0x2c:
		return (uint32_t)(m->asq >> 32);
	case 0x30:
		return (uint32_t)m->acq;
	case 0x34:
		return (uint32_t)(m->acq >> 32);
	default:
		return 0;
	}
}

static void
half(uint64_t *word, bool high, uint32_t value)
{
	*word = high ? (*word & UINT32_MAX) | (uint64_t)value << 32
		     : (*word & ~(uint64_t)UINT32_MAX) | value;
}

static void
write_cc(struct harness *h, struct nvme_model *m, uint32_t v)
{
	bool was = (m->cc & CC_EN) != 0;

	m->cc = v;
	if ((v & CC_EN) == 0) {
		m->csts = 0;
		m->queue[0] = m->queue[1] = (struct queue){0};
		m->nwaiting = 0;
		h->step_at = 0;
		return;
	}
	if (was)
		return;
	if ((v >> 16 & 15) != 6 || (v >> 20 & 15) != 4 || (v >> 7 & 15) != 0)
		model_complain(h, "enabled with CC 0x%x", v);
	if ((m->asq | m->acq) % PAGE_SIZE != 0 || m->asq == 0 || m->acq == 0)
		model_complain(h, "admin queues that are not of pages");
	m->queue[0] = (struct queue){
	    .sq = m->asq,
	    .cq = m->acq,
	    .entries = (m->aqa & 0xfff) + 1,
	    .phase = true,
	    .made = true,
	};
	m->csts = RDY;
}

/* Takes new commands; what cannot be read is the end of the controller. */
static void
take(struct harness *h, struct nvme_model *m, unsigned n)
{
	struct queue *q = &m->queue[n];

	while (q->head != q->tail && m->nwaiting < WAITING) {
		struct command *c = &m->waiting[m->nwaiting];

		if (!model_dma(h, q->sq + 64 * q->head, c, 64, false)) {
			m->csts |= CFS;
			return;
		}
		c->flags = (uint8_t)n; /* FUSE and PSDT are not modelled. */
		q->head = (q->head + 1) % q->entries;
		m->nwaiting++;
	}
	while (m->nwaiting != 0 && h->prompt)
		step(h);
	if (m->nwaiting != 0)
		model_later(h, STEP);
}

static void
doorbell(
    struct harness *h, struct nvme_model *m, uint64_t offset, uint32_t value)
{
	unsigned      n = (unsigned)(offset - 0x1000) / 8;
	struct queue *q = &m->queue[n & 1];

	if (n > 1 || !q->made || value >= q->entries) {
		model_complain(h, "doorbell %u: %u", n, value);
		return;
	}
	if ((m->csts & CFS) != 0)
		return;
	if ((offset & 4) != 0) {
		q->chead = value;
		return;
	}
	q->tail = value;
	take(h, m, n);
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct nvme_model *m = h->model;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4)
		model_complain(h, "not a 32-bit access");
	if ((m->cc & CC_EN) != 0 && offset >= 0x24 && offset < 0x38)
		model_complain(h, "admin queues changed while enabled");
	switch (offset) {
	case 0x14:
		write_cc(h, m, value);
		break;
	case 0x24:
		m->aqa = value;
		break;
	case 0x28:
	case 0x2c:
		half(&m->asq, offset == 0x2c, value);
		break;
	case 0x30:
	case 0x34:
		half(&m->acq, offset == 0x34, value);
		break;
	default:
		if (offset >= 0x1000 && offset < 0x2000)
			doorbell(h, m, offset, value);
		else
			model_complain(
			    h, "write at 0x%llx", (unsigned long long)offset);
	}
}

/* ------------------------------------------------------ commands */

static void
complete(struct harness *h, struct nvme_model *m, const struct command *c,
    unsigned status, uint32_t result)
{
	struct queue *q = &m->queue[c->flags];
	struct {
		uint32_t result, unused;
		uint16_t head, sq, id, status;
	} entry = {
	    .result = result,
	    .head = (uint16_t)q->head,
	    .sq = c->flags,
	    .id = c->id,
	    .status = (uint16_t)(status << 1 | q->phase),
	};

	if ((q->ctail + 1) % q->entries == q->chead)
		model_complain(h, "the completion queue is full");
	if (!model_dma(h, q->cq + 16 * q->ctail, &entry, 16, true)) {
		m->csts |= CFS;
		return;
	}
	q->ctail = (q->ctail + 1) % q->entries;
	if (q->ctail == 0)
		q->phase = !q->phase;
	model_interrupt(h, 0);
}

static unsigned
identify(struct harness *h, const struct command *c)
{
	uint8_t  data[PAGE_SIZE] = {0};
	uint64_t sectors = DISK_SECTORS;

	if (c->word[0] == 1) {
		memcpy(data + 4, "MODEL1              ", 20);
		data[77] = MDTS;
		data[525] = 1;
		data[516] = 1;
	} else if (c->word[0] == 0 && c->space == 1) {
		memcpy(data, &sectors, 8);
		data[128 + 2] = 9;
	} else {
		return BAD_FIELD;
	}
	(void)model_dma(h, c->prp[0], data, sizeof(data), true);
	return OK;
}

static unsigned
make_queue(struct harness *h, struct nvme_model *m, const struct command *c)
{
	unsigned entries = (c->word[0] >> 16) + 1;

	if ((c->word[0] & 0xffff) != 1 || (c->word[1] & 1) == 0 ||
	    c->prp[0] % PAGE_SIZE != 0)
		model_complain(h, "a queue that cannot be");
	if (c->op == 5) {
		m->cq1 = c->prp[0];
		m->cq1_entries = entries;
		return OK;
	}
	if (m->cq1 == 0 || entries != m->cq1_entries)
		model_complain(h, "queue without completions");
	m->queue[1] = (struct queue){
	    .sq = c->prp[0],
	    .cq = m->cq1,
	    .entries = entries,
	    .phase = true,
	    .made = true,
	};
	return OK;
}

/* QEMU's too says of every command that it is too late to abort it. */
static void
admin(struct harness *h, struct nvme_model *m, const struct command *c)
{
	switch (c->op) {
	case 1:
	case 5:
		complete(h, m, c, make_queue(h, m, c), 0);
		break;
	case 6:
		complete(h, m, c, identify(h, c), 0);
		break;
	case 8:
		complete(h, m, c, OK, 1);
		break;
	default:
		complete(h, m, c, BAD_OPCODE, 0);
	}
}

/* Moves data of the command, by its PRPs (4.3). */
static unsigned
transfer(struct harness *h, const struct command *c, uint64_t at,
    uint32_t bytes, bool in)
{
	uint64_t entry = c->prp[0], list = c->prp[1];
	uint32_t left = bytes, room = PAGE_SIZE - (uint32_t)(entry % PAGE_SIZE);
	bool     two = bytes > room && bytes <= room + PAGE_SIZE;

	for (unsigned i = 0; left > 0; i++) {
		uint32_t piece = PAGE_SIZE - (uint32_t)(entry % PAGE_SIZE);

		if (i > 0 && entry % PAGE_SIZE != 0)
			model_complain(h, "a PRP that is not of a page");
		if (piece > left)
			piece = left;
		(void)model_dma(h, entry, h->disk + at, piece, in);
		at += piece;
		left -= piece;
		if (left == 0)
			break;
		if (two)
			entry = list;
		else if (list % PAGE_SIZE + 8 * (i + 1) > PAGE_SIZE ||
		    !model_dma(h, list + 8 * i, &entry, 8, false))
			return BAD_FIELD;
	}
	return OK;
}

static void
space(struct harness *h, struct nvme_model *m, const struct command *c)
{
	enum fault_kind fault = model_command(h);
	uint64_t        at = (c->word[0] | (uint64_t)c->word[1] << 32);
	uint32_t        n = (c->word[2] & 0xffff) + 1;
	unsigned        status = OK;

	if (fault == FK_HANG)
		return;
	if (c->space != 1)
		model_complain(h, "namespace %u", c->space);
	if (c->op > 2)
		status = BAD_OPCODE;
	else if (c->op != 0 && (at > DISK_SECTORS || n > DISK_SECTORS - at))
		status = BAD_LBA;
	else if (n * 512 > PAGE_SIZE << MDTS)
		status = BAD_FIELD;
	if (status != OK)
		model_complain(h, "a command of status 0x%x", status);
	if (fault == FK_ERROR)
		status = READ_ERROR;
	if (fault == FK_SHORT)
		n /= 2;
	if (status == OK && c->op != 0)
		status = transfer(h, c, at * 512, n * 512, c->op == 2);
	if (fault == FK_SHORT)
		status = READ_ERROR;
	complete(h, m, c, status, 0);
}

static void
step(struct harness *h)
{
	struct nvme_model *m = h->model;
	struct command     c;
	unsigned           pick;

	if (m->nwaiting == 0 || (m->csts & CFS) != 0)
		return;
	pick = m->turn++ % 2 == 0 ? 0 : m->nwaiting - 1;
	c = m->waiting[pick];
	memmove(&m->waiting[pick], &m->waiting[pick + 1],
	    (m->nwaiting - pick - 1) * sizeof(c));
	m->nwaiting--;
	if (c.flags == 0)
		admin(h, m, &c);
	else
		space(h, m, &c);
	if (m->nwaiting != 0)
		model_later(h, STEP);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct nvme_model),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
