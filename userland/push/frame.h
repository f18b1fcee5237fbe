/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes over the second serial line: frames, each answered before the
 * next is sent. The line may lose, double and garble bytes, and whoever is at
 * its other end may send anything.
 *
 *     a5 5a  type  number  length(2)  payload  CRC-32(4)   little-endian
 *
 * The CRC is over type to payload. A frame that is damaged is not answered;
 * the sender sends it again, with the same number, and the receiver answers
 * what it has served already without serving it again.
 */
#ifndef USERLAND_PUSH_FRAME_H
#define USERLAND_PUSH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_PAYLOAD = 512,
	FRAME_HEAD = 6,
	FRAME_CRC = 4,
	FRAME_MOST = FRAME_HEAD + FRAME_PAYLOAD + FRAME_CRC,
	FRAME_NAME = 32,
	FRAME_VERSION = 1,
};

enum frame_type {
	FRAME_BEGIN = 1,     /* struct frame_begin: what comes. */
	FRAME_DATA,          /* Offset (4), bytes. */
	FRAME_END,           /* That was all. */
	FRAME_ANSWER = 0x80, /* Status (4), text for people. */
};

enum frame_kind {
	FRAME_DRIVER = 'D',  /* A driver package. */
	FRAME_PROGRAM = 'P', /* An ELF image, to be started. */
};

struct frame_begin {
	uint32_t version; /* FRAME_VERSION */
	uint32_t bytes;
	uint32_t crc;  /* Of all of it. */
	uint32_t kind; /* enum frame_kind */
	char     name[FRAME_NAME];
};

struct frame {
	uint8_t  type, number;
	uint16_t length;
	uint8_t  payload[FRAME_PAYLOAD];
};

/* Bytes as they come, until they are a frame. */
struct frame_reader {
	size_t        used;
	uint8_t       bytes[FRAME_MOST];
	unsigned long lost; /* Bytes that were in no frame. */
};

uint32_t frame_crc(uint32_t crc, const void *bytes, size_t length);

/* The bytes of a frame; out has FRAME_MOST. */
size_t frame_write(const struct frame *f, uint8_t *out);

/* One more byte; true: it completed a frame. */
bool frame_read(struct frame_reader *r, uint8_t byte, struct frame *f);

#endif
