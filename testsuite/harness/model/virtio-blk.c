/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio block device as QEMU 7.2 shows it to a driver that leaves the legacy
 * interface alone: BAR 4 holds the common, ISR, device and notify structures,
 * 4 KiB each. Register behaviour after VIRTIO 1.1, sections 4.1.4 and 5.2.
 *
 * Requests are carried out one in each step, the newest and the oldest in
 * turn, so that they complete out of order.
 */
#include "testsuite/harness/model/model.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/compare.h"

enum {
	BAR = 4,
	QUEUE = 256, /* The size it offers. */
	MULTIPLE = 4,
	STEP = 100000, /* Nanoseconds for a request. */
	/* What QEMU 7.2 offers; the model has what the driver takes of it. */
	OFFERED_LOW = 0x30006e54,
	OFFERED_HIGH = 0x103,
	SEG_MAX = 254,
	DRIVER_OK = 4,
	FEATURES_OK = 8,
};

struct vblk {
	uint8_t  status;
	uint32_t dfsel, gfsel;
	uint32_t accepted[2];
	uint16_t msix_config, msix, select, size, enable;
	uint64_t desc, driver, device;
	uint8_t  isr;
	uint16_t taken; /* Free-running index into the available ring. */
	uint16_t used;
	uint16_t waiting[QUEUE];
	unsigned nwaiting;
	unsigned turn;
};

struct desc {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags, next;
};

static const uint32_t offered[2] = {
    OFFERED_LOW,
    OFFERED_HIGH,
};

static void
power_on(struct harness *h)
{
	struct vblk *v = h->model;

	*v = (struct vblk){
	    .size = QUEUE,
	    .msix = 0xffff,
	    .msix_config = 0xffff,
	};
}

static unsigned
capability(uint8_t *config, unsigned at, unsigned next, uint8_t type,
    uint32_t offset, uint32_t length)
{
	config[at] = 9;
	config[at + 1] = (uint8_t)next;
	config[at + 2] = type == 2 ? 20 : 16;
	config[at + 3] = type;
	config[at + 4] = BAR;
	config[at + 9] = (uint8_t)(offset >> 8);
	config[at + 13] = (uint8_t)(length >> 8);
	if (type == 2)
		config[at + 16] = MULTIPLE;
	return next;
}

static void
describe(struct harness *h, struct control_given *g)
{
	unsigned at = 0x40;

	(void)h;
	g->irqs = 1;
	g->message = 1;
	g->mmio[BAR].first = 0xfebd0000;
	g->mmio[BAR].bytes = 0x4000;
	g->config[0] = 0xf4;
	g->config[1] = 0x1a;
	g->config[6] = 0x10;
	g->config[0x34] = 0x40;
	at = capability(g->config, at, 0x54, 1, 0x0000, 0x1000);
	at = capability(g->config, at, 0x64, 3, 0x1000, 0x1000);
	at = capability(g->config, at, 0x74, 4, 0x2000, 0x1000);
	(void)capability(g->config, at, 0, 2, 0x3000, 0x1000);
}

static uint32_t
common_read(const struct vblk *v, uint64_t offset)
{
	switch (offset) {
	case 0:
		return v->dfsel;
	case 4:
		return v->dfsel < 2 ? offered[v->dfsel] : 0;
	case 8:
		return v->gfsel;
	case 12:
		return v->gfsel < 2 ? v->accepted[v->gfsel] : 0;
	case 16:
		return v->msix_config;
	case 18:
		return 1;
	case 20:
		return v->status;
	case 22:
		return v->select;
	case 24:
		return v->select == 0 ? v->size : 0;
	case 26:
		return v->msix;
	case 28:
		return v->enable;
	default:
		return 0;
	}
}

static uint32_t
device_read(uint64_t offset)
{
	switch (offset) {
	case 0:
		return DISK_SECTORS;
	case 12:
		return SEG_MAX;
	case 20:
		return 512;
	default:
		return 0;
	}
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct vblk *v = h->model;
	uint32_t     isr;

	(void)bytes;
	if (kind != REGION_MMIO || resource != BAR)
		return UINT32_MAX;
	switch (offset >> 12) {
	case 0:
		return common_read(v, offset);
	case 1:
		isr = v->isr;
		v->isr = 0;
		model_line(h, 0, false);
		return isr;
	case 2:
		return device_read(offset & 0xfff);
	default:
		return 0;
	}
}

static void
write_status(struct harness *h, struct vblk *v, uint8_t status)
{
	if (status == 0) {
		power_on(h);
		h->step_at = 0;
		return;
	}
	if ((v->status & ~status) != 0)
		model_complain(h, "status bits cleared without a reset");
	v->status = status;
	if ((status & FEATURES_OK) != 0 &&
	    ((v->accepted[0] & ~offered[0]) != 0 ||
		(v->accepted[1] & ~offered[1]) != 0 ||
		(v->accepted[1] & 1) == 0))
		v->status &= (uint8_t)~FEATURES_OK;
}

static void
half(uint64_t *word, bool high, uint32_t value)
{
	*word = high ? (*word & UINT32_MAX) | (uint64_t)value << 32
		     : (*word & ~(uint64_t)UINT32_MAX) | value;
}

static void
common_write(struct harness *h, struct vblk *v, uint64_t offset, uint32_t value)
{
	if (v->enable != 0 && offset >= 24)
		model_complain(h, "queue changed while enabled (%llu)",
		    (unsigned long long)offset);
	switch (offset) {
	case 0:
		v->dfsel = value;
		break;
	case 8:
		v->gfsel = value;
		break;
	case 12:
		if ((v->status & FEATURES_OK) != 0)
			model_complain(h, "features after FEATURES_OK");
		if (v->gfsel < 2)
			v->accepted[v->gfsel] = value;
		break;
	case 16:
		v->msix_config = (uint16_t)value;
		break;
	case 20:
		write_status(h, v, (uint8_t)value);
		break;
	case 22:
		v->select = (uint16_t)value;
		break;
	case 24:
		if (value == 0 || value > QUEUE || (value & (value - 1)) != 0)
			model_complain(h, "queue size %u", value);
		else
			v->size = (uint16_t)value;
		break;
	case 26:
		v->msix = (uint16_t)value;
		break;
	case 28:
		v->enable = value == 1;
		break;
	case 32:
	case 36:
		half(&v->desc, offset == 36, value);
		break;
	case 40:
	case 44:
		half(&v->driver, offset == 44, value);
		break;
	case 48:
	case 52:
		half(&v->device, offset == 52, value);
		break;
	default:
		model_complain(
		    h, "write at common + %llu", (unsigned long long)offset);
	}
}

/* Takes what is available; each entry is carried out in a later step. */
static void
notified(struct harness *h, struct vblk *v)
{
	uint16_t index = 0, head = 0;

	if ((v->status & DRIVER_OK) == 0 || v->enable == 0) {
		model_complain(h, "notified before DRIVER_OK");
		return;
	}
	if (!model_dma(h, v->driver + 2, &index, 2, false))
		return;
	while (v->taken != index && v->nwaiting < v->size) {
		if (!model_dma(h, v->driver + 4 + 2u * (v->taken % v->size),
			&head, 2, false))
			return;
		v->waiting[v->nwaiting++] = head;
		v->taken++;
	}
	if (v->nwaiting != 0)
		model_later(h, STEP);
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct vblk *v = h->model;

	(void)bytes;
	if (kind != REGION_MMIO || resource != BAR)
		return;
	if (offset < 0x1000)
		common_write(h, v, offset, value);
	else if (offset == 0x3000)
		notified(h, v);
	else
		model_complain(
		    h, "write at 0x%llx", (unsigned long long)offset);
}

/* Moves data of one segment; returns the status byte. */
static uint8_t
segment(struct harness *h, const struct desc *s, bool in, uint64_t at)
{
	if (at > DISK_SECTORS * 512u || s->bytes > DISK_SECTORS * 512u - at)
		return 1;
	if (((s->flags & 2) != 0) != in)
		model_complain(h, "segment of the wrong direction");
	(void)model_dma(h, s->address, h->disk + at, s->bytes, in);
	return 0;
}

/* Carries out an indirect table; returns the bytes written, for `used`. */
static uint32_t
carry_out(struct harness *h, const struct desc *t, unsigned n)
{
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;
	enum fault_kind fault = model_command(h);
	uint8_t         status = 0;
	uint32_t        bytes = 1;
	uint64_t        at;

	if (n < 2 || t[0].bytes != 16 || t[n - 1].bytes != 1) {
		model_complain(h, "malformed request");
		return 0;
	}
	(void)model_dma(h, t[0].address, &header, 16, false);
	at = header.sector * 512;
	if (header.type > 1 && header.type != 4)
		status = 2;
	if (fault == FK_ERROR)
		status = 1;
	for (unsigned i = 1; i < n - 1 && status == 0; i++) {
		if (fault == FK_SHORT && i >= n / 2) {
			status = 1;
			break;
		}
		status = segment(h, &t[i], header.type == 0, at);
		at += t[i].bytes;
		bytes += header.type == 0 ? t[i].bytes : 0;
	}
	if (fault == FK_SHORT)
		status = 1;
	(void)model_dma(h, t[n - 1].address, &status, 1, true);
	return bytes;
}

static void
finish(struct harness *h, struct vblk *v, uint16_t head, uint32_t bytes)
{
	uint32_t entry[2] = {head, bytes};

	(void)model_dma(
	    h, v->device + 4 + 8u * (v->used % v->size), entry, 8, true);
	v->used++;
	(void)model_dma(h, v->device + 2, &v->used, 2, true);
	if (v->msix != 0xffff)
		model_interrupt(h, 0);
}

static void
step(struct harness *h)
{
	struct vblk *v = h->model;
	struct desc  d = {0}, table[128] = {0};
	unsigned     pick, n;
	uint16_t     head;

	if (v->nwaiting == 0)
		return;
	if (h->fault.kind == FK_HANG && h->fault.at != 0 &&
	    h->fault.seen[FAULT_AT_COMMAND] + 1 == h->fault.at) {
		(void)model_command(h);
		v->nwaiting--; /* Swallowed. */
		if (v->nwaiting != 0)
			model_later(h, STEP);
		return;
	}
	pick = v->turn++ % 2 == 0 ? 0 : v->nwaiting - 1;
	head = v->waiting[pick];
	memmove(&v->waiting[pick], &v->waiting[pick + 1],
	    (v->nwaiting - pick - 1) * sizeof(v->waiting[0]));
	v->nwaiting--;
	(void)model_dma(h, v->desc + 16u * (head % v->size), &d, 16, false);
	n = d.bytes / 16;
	if ((d.flags & 4) == 0 || n > 128) {
		model_complain(h, "not an indirect descriptor");
		n = 0;
	}
	if (n != 0)
		(void)model_dma(h, d.address, table, n * 16, false);
	for (unsigned i = 0; i + 1 < n; i++)
		if ((table[i].flags & 1) == 0 || table[i].next != i + 1)
			model_complain(h, "broken chain");
	finish(h, v, head, carry_out(h, table, n));
	if (v->nwaiting != 0)
		model_later(h, STEP);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct vblk),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
