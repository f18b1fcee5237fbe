/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The char class: a serial line or console, two rings of bytes in one page.
 *
 * The generation works as in the block class. Bytes of a dead driver that were
 * taken from the output ring but not sent are lost; the client begins both
 * rings anew and may send a line again. Generation 0: the device is gone, and the
 * page will be in a second.
 */
#ifndef ULDRV_CLASS_CHAR_H
#define ULDRV_CLASS_CHAR_H

#include "uldrv/class/ring.h"

enum {
	CHAR_INPUT = 1024,  /* Bytes in the ring from driver to client. */
	CHAR_OUTPUT = 2048, /* Bytes in the ring from client to driver. */
	CHAR_PAGES = 1,
	CHAR_MAGIC = 0x31524843, /* "CHR1" */
};

/* Counted by the driver, so that the client can say that input was lost. */
struct char_errors {
	uint32_t
	    overruns; /* The device's buffer, or the input ring, was full. */
	uint32_t framing; /* Framing and parity errors. */
	uint32_t breaks;
	uint32_t unused;
};

struct char_ring {
	uint32_t magic;
	uint32_t
	    generation; /* Of the instance that is to use it; by the server. */
	uint8_t            unused0[RING_LINE - 8];
	uint32_t           client_generation; /* Written by the client. */
	uint8_t            unused1[RING_LINE - 4];
	struct ring_shared input;  /* Driver to client. */
	struct ring_shared output; /* Client to driver. */
	struct char_errors errors; /* Written by the driver. */
	uint8_t            unused2[RING_LINE - sizeof(struct char_errors)];
	uint8_t            in[CHAR_INPUT];
	uint8_t            out[CHAR_OUTPUT];
	uint8_t unused3[PAGE_SIZE - 7 * RING_LINE - CHAR_INPUT - CHAR_OUTPUT];
};

_Static_assert(sizeof(struct char_ring) == PAGE_SIZE, "one page");

#endif
