/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The net class: the tester of any net driver. It sees it through the class
 * only: a station address, ARP and ICMP echo with 10.0.2.2 at many sizes, many
 * at once, buffers that wait over a restart, and all that must be refused. The
 * far end is QEMU's user network, or the model's. A frame may be lost after a
 * fault, so each exchange is tried a few times; what comes must be right.
 */
#include <string.h>

#include "testsuite/harness/orders.h"
#include "uldrv/class/net.h"

#define ANSWER_TIME (3 * SECOND)

enum {
	PAGES = NET_DATA_PAGES,
	END = PAGES * PAGE_SIZE,
	BUFFERS = 16, /* Lent for receiving, from offset 0. */
	SENDERS = 16, /* Behind them, for sending. */
	SEND_AT = BUFFERS * NET_BUFFER,
	TRIES = 5,
	ETHERNET = 14,
	HEADERS = ETHERNET + 20 + 8,
	MOST_ECHO = NET_MOST - HEADERS,
};

struct net {
	uint8_t  mac[6], peer[6];
	uint64_t lent; /* Orders that receive. */
	unsigned order[BUFFERS];
	uint64_t answered; /* Bit i: the echo with sequence number i. */
	uint64_t arp; /* 1: it was answered. */
	unsigned sequence;
};

static struct net net;

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
lend(struct orders *o, unsigned buffer)
{
	memset(orders_data(o, buffer * NET_BUFFER), 0xee, NET_BUFFER);
	net.order[buffer] = orders_give(
	    o, NET_RECEIVE, NET_BUFFER, buffer * NET_BUFFER, 0);
	o->order[net.order[buffer]].held = true;
	net.lent |= UINT64_C(1) << net.order[buffer];
}

static void
lend_all(struct orders *o)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		lend(o, i);
}

static uint8_t
pattern(unsigned sequence, uint32_t i)
{
	return (uint8_t)(sequence * 31 + i * 7 + i / 256);
}

static void
check_echo(struct orders *o, const uint8_t *f, uint32_t bytes)
{
	uint32_t total = (uint32_t)f[16] << 8 | f[17];
	unsigned sequence = (unsigned)f[40] << 8 | f[41];

	if (total < 28 || total > bytes - ETHERNET ||
	    memcmp(f + 6, net.peer, 6) != 0 || sequence >= 64 ||
	    checksum(f + 34, total - 20) != 0) {
		orders_wrong(o, "an echo that is not one");
		return;
	}
	for (uint32_t i = 0; i < total - 28; i++)
		if (f[HEADERS + i] != pattern(sequence, i)) {
			orders_wrong(o, "an echo that was changed");
			return;
		}
	net.answered |= UINT64_C(1) << sequence;
}

static void
look(struct orders *o, const uint8_t *f, uint32_t bytes)
{
	if (memcmp(f, net.mac, 6) != 0 && (f[0] & 1) == 0)
		orders_wrong(o, "a frame for somebody else");
	if (f[12] == 8 && f[13] == 6 && f[21] == 2) {
		memcpy(net.peer, f + 22, 6);
		net.arp = 1;
	}
	if (f[12] == 8 && f[13] == 0 && bytes >= HEADERS && f[23] == 1 &&
	    f[34] == 0)
		check_echo(o, f, bytes);
}

/* Looks at what has come, and lends the buffers again. */
static void
take(struct orders *o)
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		struct order_try *t = &o->order[net.order[i]];

		if (t->open)
			continue;
		t->held = false;
		net.lent &= ~(UINT64_C(1) << net.order[i]);
		if (t->done.status == RC_OK && t->done.bytes < NET_LEAST)
			orders_wrong(o, "a frame without a header");
		else if (t->done.status == RC_OK)
			look(o, orders_data(o, i * NET_BUFFER), t->done.bytes);
		else if (t->done.status != RC_TIMEOUT)
			orders_wrong(o, "it cannot receive");
		lend(o, i);
	}
}

static uint8_t *
sender(struct orders *o, unsigned i)
{
	return orders_data(o, SEND_AT + i * NET_BUFFER);
}

static void
arp_request(uint8_t *f)
{
	static const uint8_t body[] = {0, 1, 8, 0, 6, 4, 0, 1};

	memset(f, 0, 60);
	memset(f, 0xff, 6);
	memcpy(f + 6, net.mac, 6);
	f[12] = 8;
	f[13] = 6;
	memcpy(f + 14, body, sizeof(body));
	memcpy(f + 22, net.mac, 6);
	memcpy(f + 28, "\12\0\2\17", 4); /* 10.0.2.15 */
	memcpy(f + 38, "\12\0\2\2", 4);
}

static uint32_t
echo_request(uint8_t *f, unsigned sequence, uint32_t payload)
{
	uint32_t total = 28 + payload;
	uint16_t sum;

	memset(f, 0, HEADERS);
	memcpy(f, net.peer, 6);
	memcpy(f + 6, net.mac, 6);
	f[12] = 8;
	f[14] = 0x45;
	f[16] = (uint8_t)(total >> 8);
	f[17] = (uint8_t)total;
	f[22] = 64; /* TTL */
	f[23] = 1;  /* ICMP */
	memcpy(f + 26, "\12\0\2\17", 4);
	memcpy(f + 30, "\12\0\2\2", 4);
	sum = checksum(f + 14, 20);
	f[24] = (uint8_t)(sum >> 8);
	f[25] = (uint8_t)sum;
	f[34] = 8;
	f[38] = 0x41; /* Identifier. */
	f[41] = (uint8_t)sequence;
	for (uint32_t i = 0; i < payload; i++)
		f[HEADERS + i] = pattern(sequence, i);
	sum = checksum(f + 34, total - 20);
	f[36] = (uint8_t)(sum >> 8);
	f[37] = (uint8_t)sum;
	return ETHERNET + total;
}

/* Until the fact holds; a try at a time, for frames may be lost. */
static void
await(struct orders *o, const uint64_t *have, uint64_t wanted)
{
	uint64_t end = o->h->now + ANSWER_TIME;

	for (;;) {
		take(o);
		if ((*have & wanted) == wanted || o->h->now >= end)
			return;
		if (!orders_any(o, net.lent, end - o->h->now)) {
			/* Nothing came: that is no hang of the driver. */
			if (o->restarts <= o->restarts_max)
				o->ended = true;
			return;
		}
	}
}

static void
resolve(struct orders *o)
{
	net.arp = 0;
	for (int i = 0; i < TRIES && o->ended && net.arp == 0; i++) {
		arp_request(sender(o, 0));
		(void)orders_try(o, NET_SEND, 60, SEND_AT, 0, RC_OK);
		if (o->ended)
			await(o, &net.arp, 1);
	}
	if (o->ended && net.arp == 0 && !o->h->fault.sticky)
		orders_wrong(o, "nobody answers ARP");
}

/* `count` echoes of different sizes, all at once. */
static void
echoes(struct orders *o, unsigned count, uint32_t least, uint32_t step)
{
	for (int t = 0; t < TRIES && o->ended; t++) {
		uint64_t all = 0, sent = 0;

		net.answered = 0;
		for (unsigned i = 0; i < count; i++) {
			uint32_t bytes = echo_request(
			    sender(o, i), i, least + i * step);

			sent |= UINT64_C(1) << orders_give(o, NET_SEND, bytes,
				    SEND_AT + i * NET_BUFFER, 0);
			all |= UINT64_C(1) << i;
		}
		if (orders_wait(o, sent, 60 * SECOND))
			await(o, &net.answered, all);
		if (net.answered == all)
			return;
	}
	if (o->ended && !o->h->fault.sticky)
		orders_wrong(o, "not all echoes came back");
}

static void
refused(struct orders *o)
{
	uint64_t many[NET_RECEIVES];

	(void)orders_try(o, NET_ORDERS, 0, 0, 0, RC_ORDER);
	(void)orders_try(o, NET_SEND, NET_LEAST - 1, SEND_AT, 0, RC_ARGUMENT);
	(void)orders_try(o, NET_SEND, NET_MOST + 1, SEND_AT, 0, RC_ARGUMENT);
	(void)orders_try(
	    o, NET_RECEIVE, NET_BUFFER - 1, SEND_AT, 0, RC_ARGUMENT);
	(void)orders_try(
	    o, NET_RECEIVE, NET_BUFFER + 1, SEND_AT, 0, RC_ARGUMENT);
	(void)orders_try(
	    o, NET_SEND, 60, PAGE_SIZE - 30, 0, RC_ARGUMENT); /* Two pages. */
	(void)orders_try(
	    o, NET_RECEIVE, NET_BUFFER, PAGE_SIZE - 2, 0, RC_ARGUMENT);
	(void)orders_try(o, NET_SEND, 60, END - 59, 0, RC_ARGUMENT);
	(void)orders_try(o, NET_SEND, 60, END, 0, RC_ARGUMENT);
	(void)orders_try(o, NET_SEND, 60, UINT64_MAX - 10, 0, RC_ARGUMENT);
	(void)orders_try(
	    o, NET_RECEIVE, NET_BUFFER, UINT64_MAX - 2047, 0, RC_ARGUMENT);
	/* More buffers than the class allows are refused, and no others are. */
	for (unsigned i = BUFFERS; i < NET_RECEIVES && o->ended; i++)
		many[i] = orders_give(o, NET_RECEIVE, NET_BUFFER, SEND_AT, 0);
	if (o->ended)
		(void)orders_try(
		    o, NET_RECEIVE, NET_BUFFER, SEND_AT, 0, RC_LIMIT);
	for (unsigned i = BUFFERS; i < NET_RECEIVES && o->ended; i++)
		if (!o->order[many[i]].open && o->h->fault.fired == 0)
			orders_wrong(o, "a buffer was refused");
}

static void
begin(struct orders *o)
{
	uint64_t mac = orders_ring(o)->control.info[0];

	memset(&net, 0, sizeof(net));
	for (unsigned i = 0; i < 6; i++)
		net.mac[i] = (uint8_t)(mac >> 8 * i);
	if (o->h->fault.fired == 0 && (mac == 0 || (mac & 1) != 0))
		orders_wrong(o, "a station address that is none");
}

static void
run(struct orders *o)
{
	struct order_completion link;

	begin(o);
	link = orders_try(o, NET_LINK, 0, 0, 0, RC_OK);
	if (link.status == RC_OK && link.result != 1)
		orders_wrong(o, "there is no link");
	lend_all(o);
	if (o->ended)
		resolve(o);
	if (o->ended && net.arp != 0)
		echoes(o, 1, MOST_ECHO, 0);
	if (o->ended && net.arp != 0)
		echoes(o, SENDERS / 2, 0, 100);
	if (o->ended)
		refused(o);
}

/* No buffer is lent while a frame goes out, so that nothing crosses. */
static void
converse(struct orders *o)
{
	unsigned i;

	begin(o);
	arp_request(sender(o, 0));
	(void)orders_try(o, NET_SEND, 60, SEND_AT, 0, RC_OK);
	i = orders_give(o, NET_RECEIVE, NET_BUFFER, 0, 0);
	if (!orders_wait(o, UINT64_C(1) << i, ANSWER_TIME))
		return;
	look(o, orders_data(o, 0), o->order[i].done.bytes);
	(void)orders_try(o, NET_SEND, echo_request(sender(o, 1), 1, MOST_ECHO),
	    SEND_AT + NET_BUFFER, 0, RC_OK);
	i = orders_give(o, NET_RECEIVE, NET_BUFFER, 0, 0);
	if (orders_wait(o, UINT64_C(1) << i, ANSWER_TIME))
		look(o, orders_data(o, 0), o->order[i].done.bytes);
	if (net.answered == 0)
		orders_wrong(o, "the echo did not come");
}

const struct order_script script = {
    .data_pages = PAGES,
    .run = run,
    .converse = converse,
    .deaths = 16,
};
