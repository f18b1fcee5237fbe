/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A keyboard behind an 8042, which translates scan code set 2 into set 1.
 *
 * Invariants:
 *  1. An event is either waited for, or kept in `event` until it is; what
 *     comes when that is full is counted as an error and lost.
 *  2. After a byte that begins a sequence, the others of it are awaited; any
 *     byte that cannot be a key begins afresh.
 */
#include "devdb/ps2.regs.h"
#include "uldrv/class/input.h"
#include "uldrv/lib/order.h"

#define BYTE_TIME  (50 * MILLISECOND)
#define RESET_TIME (1500 * MILLISECOND) /* KBD, power-on: 300 to 900 ms. */

enum {
	EVENTS = 64,
	FLUSH_MOST = 64,
	DRAIN_MOST = 64, /* Bytes in one interrupt. */
	UP = 0x80,       /* A key that is released. */
	PAUSE_BYTES = 5, /* After 0xe1. */
	SENDS = 3,
	STALE_MOST = 16, /* Bytes before an answer. */
};

struct ps2 {
	uint64_t waiting; /* Slots of orders, lowest first. */
	uint16_t event[EVENTS];
	uint8_t  first, count;
	uint8_t  skip; /* Bytes of a Pause still to come. */
	bool     prefix;
};

static bool
gone(uint8_t status)
{
	return status == UINT8_MAX;
}

static bool
can_write(struct dev *d)
{
	uint8_t status = ps2_read_STATUS(d);

	return !gone(status) && (status & PS2_STATUS_INPUT_FULL) == 0;
}

static bool
can_read(struct dev *d)
{
	uint8_t status = ps2_read_STATUS(d);

	return !gone(status) && (status & PS2_STATUS_OUTPUT_FULL) != 0;
}

static bool
command(struct dev *d, uint8_t what)
{
	if (!dev_until(d, can_write, BYTE_TIME))
		return false;
	ps2_write_COMMAND(d, what);
	return true;
}

static bool
read_byte(struct dev *d, uint64_t time, uint8_t *byte)
{
	if (!dev_until(d, can_read, time))
		return false;
	*byte = ps2_read_DATA(d);
	return true;
}

static void
flush(struct dev *d)
{
	for (unsigned i = 0; i < FLUSH_MOST && can_read(d); i++)
		(void)ps2_read_DATA(d);
}

static bool
set_mode(struct dev *d, uint8_t mode)
{
	if (!command(d, PS2_COMMAND_WRITE_MODE) ||
	    !dev_until(d, can_write, BYTE_TIME))
		return false;
	ps2_write_MODE(d, mode);
	return true;
}

/* One of two bytes; a key that was pressed before may stand in between. */
static bool
await_byte(
    struct dev *d, uint64_t time, uint8_t one, uint8_t other, uint8_t *byte)
{
	for (unsigned i = 0; i < STALE_MOST; i++)
		if (!read_byte(d, time, byte))
			return false;
		else if (*byte == one || *byte == other)
			return true;
	return false;
}

/* Sends a byte to the keyboard until it has understood it. */
static bool
tell(struct dev *d, uint8_t what)
{
	uint8_t answer = PS2_DATA_RESEND;

	for (unsigned i = 0; i < SENDS && answer == PS2_DATA_RESEND; i++) {
		if (!dev_until(d, can_write, BYTE_TIME))
			return false;
		ps2_write_DATA(d, what);
		if (!await_byte(d, BYTE_TIME, PS2_DATA_ACKNOWLEDGE,
			PS2_DATA_RESEND, &answer))
			return false;
	}
	return answer == PS2_DATA_ACKNOWLEDGE;
}

static enum status
failed(struct dev *d, enum status st, const char *what)
{
	dev_remark(d, "%s", what);
	return st;
}

static enum status
start(struct dev *d)
{
	const uint8_t quiet = PS2_MODE_SYSTEM | PS2_MODE_TRANSLATE |
	    PS2_MODE_MOUSE_DISABLED;
	struct ps2 *p = d->state;
	uint8_t     byte = 0;

	*p = (struct ps2){.waiting = 0};
	if (!command(d, PS2_COMMAND_DISABLE) ||
	    !command(d, PS2_COMMAND_DISABLE_MOUSE))
		return failed(d, RC_NOT_FOUND, "no 8042");
	flush(d);
	if (!command(d, PS2_COMMAND_SELF_TEST) ||
	    !await_byte(d, RESET_TIME, PS2_DATA_SELF_TEST_PASSED,
		PS2_DATA_SELF_TEST_PASSED, &byte))
		return failed(d, RC_DEVICE, "the 8042 fails its self-test");
	if (!set_mode(d, quiet) || !command(d, PS2_COMMAND_ENABLE) ||
	    !tell(d, PS2_DATA_RESET) ||
	    !await_byte(d, RESET_TIME, PS2_DATA_PASSED, PS2_DATA_PASSED, &byte))
		return failed(d, RC_DEVICE, "no keyboard answers");
	if (!tell(d, PS2_DATA_ENABLE))
		return failed(d, RC_DEVICE, "the keyboard stays silent");
	flush(d);
	if (!set_mode(d, quiet | PS2_MODE_INTERRUPT))
		return RC_TIMEOUT;
	dev_remark(d, "keyboard, scan code set 1");
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = ps2_regions(d);

	return st == RC_OK ? start(d) : st;
}

/* Gives the oldest events to the orders that wait longest. */
static void
hand_over(struct dev *d, struct ps2 *p)
{
	while (p->waiting != 0 && p->count != 0) {
		unsigned slot = (unsigned)__builtin_ctzll(p->waiting);
		uint16_t event = p->event[p->first];

		p->first = (uint8_t)((p->first + 1) % EVENTS);
		p->count--;
		p->waiting &= p->waiting - 1;
		order_complete(d, slot, RC_OK, 0, event);
	}
}

static void
keep(struct dev *d, struct ps2 *p, uint16_t event)
{
	if (p->count == EVENTS) {
		d->control->said.errors++;
		return;
	}
	p->event[(p->first + p->count) % EVENTS] = event;
	p->count++;
}

static void
decode(struct dev *d, struct ps2 *p, uint8_t byte)
{
	uint16_t key = byte & (uint16_t)~UP;

	if (p->skip > 0) {
		p->skip--;
		return;
	}
	switch (byte) {
	case PS2_DATA_PAUSE:
		p->skip = PAUSE_BYTES;
		return;
	case PS2_DATA_PREFIX:
		p->prefix = true;
		return;
	case PS2_DATA_OVERRUN:
	case UINT8_MAX:
	case PS2_DATA_ACKNOWLEDGE:
	case PS2_DATA_RESEND:
		p->prefix = false;
		return;
	default:
		if (p->prefix)
			key |= INPUT_EXTENDED;
		if ((byte & UP) == 0)
			key |= INPUT_DOWN;
		p->prefix = false;
		keep(d, p, key);
	}
}

/* What is in the buffer; true if there was anything. */
static bool
drain(struct dev *d, struct ps2 *p)
{
	unsigned n = 0;

	for (; n < DRAIN_MOST; n++) {
		uint8_t status = ps2_read_STATUS(d), byte;

		if (gone(status) || (status & PS2_STATUS_OUTPUT_FULL) == 0)
			break;
		byte = ps2_read_DATA(d);
		if ((status & PS2_STATUS_MOUSE) == 0)
			decode(d, p, byte);
	}
	hand_over(d, p);
	return n > 0;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	return drain(d, d->state) ? irqs : 0;
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct ps2 *p = d->state;

	p->waiting |= UINT64_C(1) << io->slot;
	/* An edge may have been lost: then the buffer is still full. */
	(void)drain(d, p);
	return RC_OK;
}

static void
leave(struct dev *d)
{
	(void)set_mode(d, PS2_MODE_SYSTEM | PS2_MODE_TRANSLATE);
}

/* What has been typed is kept, half a key too; from now on it is lost. */
static enum status
suspend(struct dev *d)
{
	if (!command(d, PS2_COMMAND_DISABLE))
		return RC_TIMEOUT;
	(void)drain(d, d->state);
	leave(d);
	return RC_OK;
}

static enum status
resume(struct dev *d)
{
	struct ps2 *p = d->state, kept = *p;
	enum status st = start(d);

	kept.waiting = 0;
	*p = kept;
	return st;
}

/* A lost edge leaves the buffer full, and no other comes: look, no more. */
static void
expired(struct dev *d)
{
	(void)drain(d, d->state);
}

const struct driver driver = {
    .name = "ps2",
    .class = &input_class,
    .state_bytes = sizeof(struct ps2),
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .deadline = 5 * SECOND,
    .suspend = suspend,
    .resume = resume,
    .remove = leave,
    .holds = true,
};
