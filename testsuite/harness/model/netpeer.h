/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far end of a modelled Ethernet: 10.0.2.2, as in QEMU's user network. It
 * answers ARP and ICMP echo. Answers wait until the device has room for them.
 */
#ifndef TESTSUITE_HARNESS_MODEL_NETPEER_H
#define TESTSUITE_HARNESS_MODEL_NETPEER_H

#include <stdbool.h>
#include <stdint.h>

enum { PEER_FRAMES = 64, PEER_MOST = 1514 };

struct netpeer {
	unsigned first, count;
	uint32_t bytes[PEER_FRAMES];
	uint8_t  frame[PEER_FRAMES][PEER_MOST];
};

/* A frame goes out. */
void peer_takes(struct netpeer *p, const uint8_t *frame, uint32_t bytes);

/* The next answer, of at least 60 bytes; NULL if there is none. */
const uint8_t *peer_answer(const struct netpeer *p, uint32_t *bytes);
void           peer_drop(struct netpeer *p);

#endif
