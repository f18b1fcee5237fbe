/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel 82540EM as far as a driver with legacy descriptors sees it, in the
 * manner of QEMU's: a frame goes out when the tail is written, and what the
 * far end answers comes in at once if a descriptor is lent. A reset takes no
 * time. The line is a level.
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/model.h"
#include "testsuite/harness/model/netpeer.h"

enum {
	WORDS = 0x20000 / 4,
	CTRL = 0x0,
	STATUS = 0x8,
	ICR = 0xc0,
	ICS = 0xc8,
	IMS = 0xd0,
	IMC = 0xd8,
	RCTL = 0x100,
	TCTL = 0x400,
	RDBAL = 0x2800,
	RDBAH = 0x2804,
	RDLEN = 0x2808,
	RDH = 0x2810,
	RDT = 0x2818,
	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	RAL = 0x5400,
	RAH = 0x5404,
	RESET = 1 << 26,
	LINK_UP = 2,
	ENABLE = 2,
	SENT = 1,
	SENT_ALL = 2,
	LINK = 4,
	RECEIVE_LOW = 0x10,
	RECEIVED = 0x80,
};

#define SEND_TIME (20 * MICROSECOND)

struct nic {
	uint32_t       reg[WORDS];
	uint32_t       mask;
	struct netpeer peer;
	bool           stuck;
};

static uint32_t *
at(struct nic *n, uint32_t offset)
{
	return &n->reg[offset / 4];
}

static void
power_on(struct harness *h)
{
	struct nic *n = h->model;

	memset(n, 0, sizeof(*n));
	*at(n, STATUS) = 0x80080783;
	*at(n, RAL) = 0x12005452;
	*at(n, RAH) = 0x80005634;
	model_line(h, 0, false);
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->mmio[0] = (struct control_range){
	    .first = 0xfe000000, .bytes = 0x20000};
}

static void
line(struct harness *h, struct nic *n)
{
	model_line(h, 0, (*at(n, ICR) & n->mask) != 0);
}

static void
cause(struct harness *h, struct nic *n, uint32_t bits)
{
	*at(n, ICR) |= bits;
	line(h, n);
}

static uint64_t
ring(struct nic *n, uint32_t low)
{
	return *at(n, low) | (uint64_t)*at(n, low + 4) << 32;
}

static bool
advance(struct harness *h, struct nic *n, uint32_t head)
{
	uint32_t entries = *at(n, head - 8) / 16;

	if (entries == 0) {
		model_complain(h, "a ring without entries");
		return false;
	}
	*at(n, head) = (*at(n, head) + 1) % entries;
	return true;
}

/* What the far end has answered, while descriptors are lent. */
static void
receive(struct harness *h, struct nic *n)
{
	const uint8_t *answer;
	uint32_t       bytes, lent, entries = *at(n, RDLEN) / 16;

	while ((*at(n, RCTL) & ENABLE) != 0 && *at(n, RDH) != *at(n, RDT) &&
	    (answer = peer_answer(&n->peer, &bytes)) != NULL) {
		uint64_t d = ring(n, RDBAL) + 16u * *at(n, RDH), to = 0;
		uint8_t  frame[PEER_MOST];
		struct {
			uint16_t bytes, sum;
			uint8_t  status, errors;
			uint16_t special;
		} back = {.bytes = (uint16_t)bytes, .status = 7};

		/* Spoilt on the wire: delivered, with its CRC wrong (SDM 3.2.3.2). */
		if (model_command(h) == FK_ERROR)
			back.errors = 1;
		memcpy(frame, answer, bytes);
		peer_drop(&n->peer);
		(void)model_dma(h, d, &to, 8, false);
		(void)model_dma(h, to, frame, bytes, true);
		(void)model_dma(h, d + 8, &back, 8, true);
		if (!advance(h, n, RDH))
			return;
		lent = (*at(n, RDT) - *at(n, RDH) + entries) % entries;
		cause(h, n,
		    RECEIVED |
			(lent * 16 <= *at(n, RDLEN) / 2 ? RECEIVE_LOW : 0));
	}
}

static void
send(struct harness *h, struct nic *n)
{
	while ((*at(n, TCTL) & ENABLE) != 0 && *at(n, TDH) != *at(n, TDT) &&
	    !n->stuck) {
		uint64_t        d = ring(n, TDBAL) + 16u * *at(n, TDH);
		uint8_t         frame[2048];
		enum fault_kind fault = model_command(h);
		struct {
			uint64_t address;
			uint16_t bytes;
			uint8_t  offset, command;
			uint8_t  status, start;
			uint16_t special;
		} t = {0};

		if (fault == FK_HANG) {
			n->stuck = true;
			return;
		}
		(void)model_dma(h, d, &t, 16, false);
		if (t.bytes > sizeof(frame) || (t.command & 1) == 0) {
			model_complain(h, "descriptor of %u bytes", t.bytes);
			t.bytes = 0;
		}
		if (fault == FK_SHORT)
			t.bytes /= 2;
		(void)model_dma(h, t.address, frame, t.bytes, false);
		if (fault != FK_ERROR)
			peer_takes(&n->peer, frame, t.bytes);
		receive(h, n);
		t.status |= 1;
		if ((t.command & 8) != 0)
			(void)model_dma(h, d + 12, &t.status, 1, true);
		if (!advance(h, n, TDH))
			return;
		cause(h, n, SENT | SENT_ALL);
	}
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct nic *n = h->model;
	uint32_t    v;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4 ||
	    offset >= WORDS * 4)
		return UINT32_MAX;
	v = n->reg[offset / 4];
	if (offset == ICR) {
		*at(n, ICR) = 0;
		line(h, n);
	}
	return v;
}

/* What is lent last must be memory. Looked at apart from what is transferred. */
static void
look_at_lent(struct harness *h, struct nic *n, uint32_t tail)
{
	uint32_t entries = *at(n, RDLEN) / 16, offset, unused;
	uint64_t address;

	if (entries == 0 || tail == *at(n, RDH) ||
	    !harness_ram(h,
		ring(n, RDBAL) + 16u * ((tail + entries - 1) % entries),
		&offset))
		return;
	memcpy(&address, h->ram + offset, sizeof(address));
	if (!harness_ram(h, address, &unused))
		model_complain(h, "a buffer at 0x%llx is lent",
		    (unsigned long long)address);
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct nic *n = h->model;

	if (kind != REGION_MMIO || resource != 0 || bytes != 4 ||
	    offset >= WORDS * 4)
		return;
	switch (offset) {
	case CTRL:
		if ((value & RESET) != 0)
			power_on(h);
		else
			*at(n, CTRL) = value;
		return;
	case IMS:
		n->mask |= value;
		line(h, n);
		return;
	case IMC:
		n->mask &= ~value;
		line(h, n);
		return;
	case STATUS:
	case ICR:
		model_complain(
		    h, "write at 0x%llx", (unsigned long long)offset);
		return;
	default:
		n->reg[offset / 4] = value;
	}
	/* Turned on with nothing to send: QEMU's says that all is sent. */
	if (offset == TCTL && (value & ENABLE) != 0)
		cause(h, n, SENT_ALL);
	if (offset == RDT)
		look_at_lent(h, n, value);
	if (offset == TDT || offset == RDT)
		model_later(h, SEND_TIME);
}

static void
step(struct harness *h)
{
	struct nic *n = h->model;

	receive(h, n);
	send(h, n);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct nic),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
