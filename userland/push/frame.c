/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/push/frame.h"

#include <string.h>

enum { MARK_0 = 0xa5, MARK_1 = 0x5a, TYPE = 2 };

/* CRC-32 (IEEE 802.3, 3.2.9); begin with 0. */
uint32_t
frame_crc(uint32_t crc, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= at[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

static uint32_t
number_at(const uint8_t *at, unsigned bytes)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint32_t)at[i] << 8 * i;
	return v;
}

size_t
frame_write(const struct frame *f, uint8_t *out)
{
	size_t   n = FRAME_HEAD + (size_t)f->length;
	uint32_t crc;

	out[0] = MARK_0;
	out[1] = MARK_1;
	out[2] = f->type;
	out[3] = f->number;
	out[4] = (uint8_t)f->length;
	out[5] = (uint8_t)(f->length >> 8);
	memcpy(out + FRAME_HEAD, f->payload, f->length);
	crc = frame_crc(0, out + TYPE, n - TYPE);
	for (unsigned i = 0; i < FRAME_CRC; i++)
		out[n++] = (uint8_t)(crc >> 8 * i);
	return n;
}

static void
drop(struct frame_reader *r, size_t n)
{
	r->used -= n;
	memmove(r->bytes, r->bytes + n, r->used);
}

/* The length that the head promises; 0 if it is no head. */
static size_t
promised(const struct frame_reader *r)
{
	size_t n = number_at(r->bytes + 4, 2);

	return n <= FRAME_PAYLOAD ? FRAME_HEAD + n + FRAME_CRC : 0;
}

/* Could what is there be the beginning of a frame? */
static bool
plausible(const struct frame_reader *r)
{
	return (r->used < 1 || r->bytes[0] == MARK_0) &&
	    (r->used < 2 || r->bytes[1] == MARK_1) &&
	    (r->used < FRAME_HEAD || promised(r) != 0);
}

bool
frame_read(struct frame_reader *r, uint8_t byte, struct frame *f)
{
	r->bytes[r->used++] = byte;
	for (;;) {
		size_t n;

		while (!plausible(r)) {
			drop(r, 1);
			r->lost++;
		}
		/*
		 * After bytes were dropped there may be more than one frame's:
		 * a head within what seemed to be a payload.
		 */
		if (r->used < FRAME_HEAD || r->used < promised(r))
			return false;
		n = promised(r);
		if (frame_crc(0, r->bytes + TYPE, n - TYPE - FRAME_CRC) ==
		    number_at(r->bytes + n - FRAME_CRC, FRAME_CRC)) {
			f->type = r->bytes[2];
			f->number = r->bytes[3];
			f->length = (uint16_t)(n - FRAME_HEAD - FRAME_CRC);
			memcpy(f->payload, r->bytes + FRAME_HEAD, f->length);
			drop(r, n);
			return true;
		}
		drop(r, 1);
		r->lost++;
	}
}
