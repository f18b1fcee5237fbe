/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio block device (VIRTIO 1.1, 5.2) as QEMU 7.2 shows it. Requests are
 * carried out one in each step, the oldest and the newest in turn, so that
 * they complete out of order.
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/virtio.h"

#define STEP_TIME (100 * MICROSECOND)

enum {
	QUEUE = 256, /* The size it offers. */
	SEG_MAX = 254,
	TYPE_READ = 0,
	TYPE_WRITE = 1,
	TYPE_FLUSH = 4,
	STATUS_ERROR = 1,
	STATUS_UNSUPPORTED = 2,
};

struct vblk {
	uint16_t waiting[QUEUE]; /* Heads of chains, in the order they came. */
	unsigned nwaiting;
	unsigned turn;
};

static uint32_t
config(struct harness *h, uint64_t offset, unsigned bytes)
{
	(void)h;
	(void)bytes;
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

/* Takes what is available; each chain is carried out in a later step. */
static void
notified(struct harness *h, unsigned queue)
{
	struct vblk *v = vm_state(h);

	while (v->nwaiting < QUEUE &&
	    vm_take_head(h, queue, &v->waiting[v->nwaiting]))
		v->nwaiting++;
	if (v->nwaiting != 0)
		model_later(h, STEP_TIME);
}

/* Moves data of one segment; returns the status byte. */
static uint8_t
move(struct harness *h, const struct vm_segment *s, bool in, uint64_t at)
{
	if (at > DISK_SECTORS * 512u || s->bytes > DISK_SECTORS * 512u - at)
		return STATUS_ERROR;
	if (s->write != in)
		model_complain(h, "segment of the wrong direction");
	(void)model_dma(h, s->address, h->disk + at, s->bytes, in);
	return 0;
}

/* Carries out a request; returns the bytes written, for `used`. */
static uint32_t
carry_out(struct harness *h, const struct vm_segment *s, unsigned n)
{
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;
	enum fault_kind fault = model_command(h);
	uint8_t         status = 0;
	uint32_t        bytes = 1;
	uint64_t        at;

	if (n < 2 || s[0].bytes != sizeof(header) || s[n - 1].bytes != 1) {
		model_complain(h, "malformed request");
		return 0;
	}
	(void)model_dma(h, s[0].address, &header, sizeof(header), false);
	at = header.sector * 512;
	if (header.type != TYPE_READ && header.type != TYPE_WRITE &&
	    header.type != TYPE_FLUSH)
		status = STATUS_UNSUPPORTED;
	if (fault == FK_ERROR)
		status = STATUS_ERROR;
	for (unsigned i = 1; i < n - 1 && status == 0; i++) {
		if (fault == FK_SHORT && i >= n / 2)
			break;
		status = move(h, &s[i], header.type == TYPE_READ, at);
		at += s[i].bytes;
		bytes += header.type == TYPE_READ ? s[i].bytes : 0;
	}
	if (fault == FK_SHORT)
		status = STATUS_ERROR;
	(void)model_dma(h, s[n - 1].address, &status, 1, true);
	return bytes;
}

static bool
swallowed(struct harness *h)
{
	return h->fault.kind == FK_HANG && h->fault.at != 0 &&
	    h->fault.seen[FAULT_AT_COMMAND] + 1 == h->fault.at;
}

static void
step(struct harness *h)
{
	struct vblk      *v = vm_state(h);
	struct vm_segment s[VM_CHAIN];
	unsigned          pick, n = 0;
	uint16_t          head;

	if (v->nwaiting == 0)
		return;
	if (swallowed(h)) {
		(void)model_command(h);
		v->nwaiting--;
	} else {
		pick = v->turn++ % 2 == 0 ? 0 : v->nwaiting - 1;
		head = v->waiting[pick];
		v->nwaiting--;
		memmove(&v->waiting[pick], &v->waiting[pick + 1],
		    (v->nwaiting - pick) * sizeof(v->waiting[0]));
		if (!vm_chain(h, 0, head, s, &n))
			n = 0;
		vm_finish(h, 0, head, carry_out(h, s, n));
	}
	if (v->nwaiting != 0)
		model_later(h, STEP_TIME);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct vm_device vm_device = {
    .features = UINT64_C(0x10330006e54), /* As QEMU 7.2. */
    .queues = 1,
    .size = QUEUE,
    .state_bytes = sizeof(struct vblk),
    .config = config,
    .notified = notified,
    .step = step,
};
