/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/model/netpeer.h"

#include <string.h>

enum { ETHERNET = 14, ARP_BYTES = 28, LEAST = 64 }; /* QEMU's pads so. */

static const uint8_t own_mac[6] = {0x52, 0x55, 10, 0, 2, 2};
static const uint8_t own_ip[4] = {10, 0, 2, 2};

static uint8_t *
room(struct netpeer *p, uint32_t bytes)
{
	unsigned at = (p->first + p->count) % PEER_FRAMES;

	if (p->count == PEER_FRAMES)
		return NULL;
	p->count++;
	p->bytes[at] = bytes < LEAST ? LEAST : bytes;
	memset(p->frame[at], 0, LEAST);
	return p->frame[at];
}

static void
header(uint8_t *to, const uint8_t *from)
{
	memcpy(to, from + 6, 6);
	memcpy(to + 6, own_mac, 6);
	memcpy(to + 12, from + 12, 2);
}

static void
answer_arp(struct netpeer *p, const uint8_t *f, uint32_t bytes)
{
	uint8_t *to;

	if (bytes < ETHERNET + ARP_BYTES || f[21] != 1 ||
	    memcmp(f + 38, own_ip, 4) != 0)
		return;
	to = room(p, ETHERNET + ARP_BYTES);
	if (to == NULL)
		return;
	header(to, f);
	memcpy(to + 14, f + 14, 6);
	to[21] = 2;
	memcpy(to + 22, own_mac, 6);
	memcpy(to + 28, own_ip, 4);
	memcpy(to + 32, f + 22, 10);
}

static uint16_t
checksum(const uint8_t *at, uint32_t bytes)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < bytes; i++)
		sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
answer_echo(struct netpeer *p, const uint8_t *f, uint32_t bytes)
{
	uint32_t total = (uint32_t)f[16] << 8 | f[17];
	uint16_t sum;
	uint8_t *to;

	if (bytes < ETHERNET + 28 || f[14] != 0x45 || f[23] != 1 ||
	    f[34] != 8 || memcmp(f + 30, own_ip, 4) != 0 || total < 28 ||
	    total > bytes - ETHERNET || checksum(f + 14, 20) != 0 ||
	    checksum(f + 34, total - 20) != 0)
		return;
	to = room(p, ETHERNET + total);
	if (to == NULL)
		return;
	memcpy(to, f, ETHERNET + total);
	header(to, f);
	memcpy(to + 26, f + 30, 4);
	memcpy(to + 30, f + 26, 4);
	to[34] = 0;
	to[36] = to[37] = 0;
	sum = checksum(to + 34, total - 20);
	to[36] = (uint8_t)(sum >> 8);
	to[37] = (uint8_t)sum;
}

void
peer_takes(struct netpeer *p, const uint8_t *frame, uint32_t bytes)
{
	if (bytes < ETHERNET || bytes > PEER_MOST)
		return;
	if (frame[12] == 8 && frame[13] == 6)
		answer_arp(p, frame, bytes);
	else if (frame[12] == 8 && frame[13] == 0)
		answer_echo(p, frame, bytes);
}

const uint8_t *
peer_answer(const struct netpeer *p, uint32_t *bytes)
{
	if (p->count == 0)
		return NULL;
	*bytes = p->bytes[p->first];
	return p->frame[p->first];
}

void
peer_drop(struct netpeer *p)
{
	p->first = (p->first + 1) % PEER_FRAMES;
	p->count--;
}
