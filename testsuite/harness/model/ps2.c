/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An 8042 with a keyboard, after IBM's reference and QEMU's i8042: what the
 * keyboard says comes a while after it was asked, one byte at a time, and each
 * is an edge of interrupt 1. The keys are codes of set 1 (far_receive).
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/far.h"
#include "testsuite/harness/model/model.h"

#define BYTE_TIME (200 * MICROSECOND)

enum {
	FULL = 1,
	SELF_TEST = 4,
	IDLE = 0x18, /* Unlocked, last written was a command. */
	INTERRUPT = 1,
	DISABLED = 0x10,
	QUEUE = 16,
};

struct ps2 {
	uint8_t status, mode, out;
	uint8_t command; /* That waits for its byte. */
	uint8_t queue[QUEUE], count;
};

struct far_sent far_sent;

void
far_look(struct harness *h)
{
	(void)h;
}

static void
power_on(struct harness *h)
{
	*(struct ps2 *)h->model = (struct ps2){.status = IDLE, .mode = 3};
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x60, .bytes = 1};
	g->port[1] = (struct control_range){.first = 0x64, .bytes = 1};
}

static void
offer(struct harness *h, struct ps2 *p, uint8_t byte, bool keyboard)
{
	p->out = byte;
	p->status |= FULL;
	if (keyboard && (p->mode & INTERRUPT) != 0)
		model_interrupt(h, 0);
}

static void
says(struct harness *h, struct ps2 *p, uint8_t byte)
{
	if (p->count < QUEUE)
		p->queue[p->count++] = byte;
	model_later(h, BYTE_TIME);
}

void
far_receive(struct harness *h, uint8_t byte)
{
	says(h, h->model, byte);
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct ps2 *p = h->model;

	(void)kind;
	(void)offset;
	(void)bytes;
	if (resource == 1)
		return p->status;
	p->status &= (uint8_t)~FULL;
	if (p->count > 0)
		model_later(h, BYTE_TIME);
	return p->out;
}

static void
keyboard(struct harness *h, struct ps2 *p, uint8_t value)
{
	enum fault_kind fault = model_command(h);

	if (fault == FK_HANG)
		return;
	if (fault == FK_ERROR) {
		says(h, p, 0xfe);
		return;
	}
	says(h, p, 0xfa);
	if (value == 0xff && fault != FK_SHORT)
		says(h, p, 0xaa);
}

static void
command(struct harness *h, struct ps2 *p, uint8_t value)
{
	p->command = 0;
	switch (value) {
	case 0x60:
		p->command = value;
		break;
	case 0x20:
		offer(h, p, p->mode, false);
		break;
	case 0xa7:
		p->mode |= 0x20;
		break;
	case 0xaa:
		p->status |= SELF_TEST;
		offer(h, p, 0x55, false);
		break;
	case 0xad:
		p->mode |= DISABLED;
		break;
	case 0xae:
		p->mode &= (uint8_t)~DISABLED;
		break;
	default:
		model_complain(h, "command 0x%x", value);
	}
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct ps2 *p = h->model;

	(void)kind;
	(void)offset;
	(void)bytes;
	if (resource == 1) {
		command(h, p, (uint8_t)value);
	} else if (p->command == 0x60) {
		p->mode = (uint8_t)value;
		p->command = 0;
	} else {
		keyboard(h, p, (uint8_t)value);
	}
}

static void
step(struct harness *h)
{
	struct ps2 *p = h->model;
	uint8_t     byte = p->queue[0];

	if (p->count == 0 || (p->status & FULL) != 0 ||
	    (p->mode & DISABLED) != 0)
		return;
	memmove(p->queue, p->queue + 1, --p->count);
	offer(h, p, byte, true);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct ps2),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
