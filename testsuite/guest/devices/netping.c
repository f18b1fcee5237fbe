/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest client of the net class: ARP and ICMP echo with 10.0.2.2 over
 * whatever driver devdb connects it to, again after each of its instances. It
 * says in the log what came back.
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "uldrv/class/net.h"
#include "userland/rt/exit.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/server.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_DOORBELL = REG_OWN + 1,
	REG_DRIVER = REG_OWN + 2,
	REG_ALARM = REG_OWN + 3,
	RING_SLOT = 1,
	BIT_DOORBELL = 0,
	BIT_ALARM = 1,
	BUFFERS = 8, /* For receiving: tags 0 to 7, from offset 0. */
	SEND_TAG = 8,
	SEND_AT = BUFFERS * NET_BUFFER,
	ETHERNET = 14,
	HEADERS = ETHERNET + 20 + 8,
	PAYLOAD = 1000,
};

static const uint64_t period_ns = 500000000;

static struct {
	struct order_ring *ring;
	struct ring_end    request, completion;
	uint64_t           generation;
	bool               connected, resolved, sending;
	uint8_t            mac[6], peer[6];
	unsigned           sequence, answered;
} net;

static const uint8_t own_ip[4] = {10, 0, 2, 15}, peer_ip[4] = {10, 0, 2, 2};

static void
give(uint64_t tag, uint32_t op, uint32_t bytes, uint64_t offset)
{
	net.ring->request[ring_place(&net.request, 0)] = (struct order_request){
	    .tag = tag, .op = op, .bytes = bytes, .offset = offset};
	if (ring_produce(&net.request, 1))
		notice_set(REG_DRIVER);
}

static void
lend(uint64_t i)
{
	give(i, NET_RECEIVE, NET_BUFFER, i * NET_BUFFER);
}

static void
connect(void)
{
	struct order_control *c;
	uint64_t              generation = 0;

	net.connected = false;
	if (devdb_connect(REG_DEVDB, DEVDB_NET, 0, REG_DOORBELL, REG_T0,
		REG_DRIVER, &generation) != RC_OK ||
	    space_map(RING_SLOT, REG_T0) != RC_OK)
		return;
	net.ring = space_address(RING_SLOT);
	c = &net.ring->control;
	memset(&c->request, 0, sizeof(c->request));
	memset(&c->completion, 0, sizeof(c->completion));
	ring_begin(&net.request, &c->request, ORDER_ENTRIES);
	ring_begin(&net.completion, &c->completion, ORDER_ENTRIES);
	ring_want(&net.completion, true);
	net.generation = generation;
	net.sending = false;
	for (uint64_t i = 0; i < BUFFERS; i++)
		lend(i);
	__atomic_store_n(
	    &c->client_generation, (uint32_t)generation, __ATOMIC_RELEASE);
	notice_set(REG_DRIVER);
	net.connected = true;
	log_printf(
	    "netping: connected, driver instance %u\n", (unsigned)generation);
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

static uint32_t
arp(uint8_t *f)
{
	static const uint8_t body[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};

	memset(f, 0, 60);
	memset(f, 0xff, 6);
	memcpy(f + 6, net.mac, 6);
	memcpy(f + 12, body, sizeof(body));
	memcpy(f + 22, net.mac, 6);
	memcpy(f + 28, own_ip, 4);
	memcpy(f + 38, peer_ip, 4);
	return 60;
}

static uint32_t
echo(uint8_t *f)
{
	uint32_t total = 28 + PAYLOAD;
	uint16_t sum;

	net.sequence++;
	memset(f, 0, HEADERS);
	memcpy(f, net.peer, 6);
	memcpy(f + 6, net.mac, 6);
	f[12] = 8;
	f[14] = 0x45;
	f[16] = (uint8_t)(total >> 8);
	f[17] = (uint8_t)total;
	f[22] = 64;
	f[23] = 1;
	memcpy(f + 26, own_ip, 4);
	memcpy(f + 30, peer_ip, 4);
	sum = checksum(f + 14, 20);
	f[24] = (uint8_t)(sum >> 8);
	f[25] = (uint8_t)sum;
	f[34] = 8;
	f[40] = (uint8_t)(net.sequence >> 8);
	f[41] = (uint8_t)net.sequence;
	for (uint32_t i = 0; i < PAYLOAD; i++)
		f[HEADERS + i] = (uint8_t)(i * 7 + net.sequence);
	sum = checksum(f + 34, total - 20);
	f[36] = (uint8_t)(sum >> 8);
	f[37] = (uint8_t)sum;
	return ETHERNET + total;
}

/* One frame at a time: a request for the address, then echoes. */
static void
send(void)
{
	uint8_t *f = net.ring->data + SEND_AT;
	uint64_t mac = net.ring->control.info[0];

	if (!net.connected || net.sending)
		return;
	for (unsigned i = 0; i < 6; i++)
		net.mac[i] = (uint8_t)(mac >> 8 * i);
	net.sending = true;
	give(SEND_TAG, NET_SEND, net.resolved ? echo(f) : arp(f), SEND_AT);
}

static void
look(const uint8_t *f, uint32_t bytes)
{
	bool same = true;

	if (bytes >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 2 &&
	    memcmp(f + 28, peer_ip, 4) == 0) {
		memcpy(net.peer, f + 22, 6);
		net.resolved = true;
		log_printf("netping: 10.0.2.2 is at %02x:%02x:%02x:%02x:%02x:"
			   "%02x\n",
		    net.peer[0], net.peer[1], net.peer[2], net.peer[3],
		    net.peer[4], net.peer[5]);
	}
	if (bytes < HEADERS + PAYLOAD || f[12] != 8 || f[13] != 0 ||
	    f[23] != 1 || f[34] != 0)
		return;
	for (uint32_t i = 0; i < PAYLOAD; i++)
		same &= f[HEADERS + i] == (uint8_t)(i * 7 + f[41]);
	net.answered++;
	log_printf("netping: echo %u from 10.0.2.2, %u bytes, %s\n",
	    (unsigned)f[40] << 8 | f[41], PAYLOAD, same ? "as sent" : "spoilt");
}

static void
collect(void)
{
	uint32_t ready;

	if (!net.connected)
		return;
	if (ring_ready(&net.completion, &ready) != RC_OK) {
		net.connected = false;
		return;
	}
	for (; ready > 0; ready--) {
		struct order_completion done =
		    net.ring->completion[ring_place(&net.completion, 0)];

		ring_consume(&net.completion, 1);
		if (done.tag == SEND_TAG)
			net.sending = false;
		if (done.tag >= BUFFERS)
			continue;
		if (done.status == RC_OK && done.bytes <= NET_BUFFER)
			look(
			    net.ring->data + done.tag * NET_BUFFER, done.bytes);
		lend(done.tag);
	}
}

static void
ask_again(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + period_ns, REG_ALARM));
}

int
main(void)
{
	const struct server sv = {.receive_limit = 0};
	struct request      rq = {.source = FROM_NOTICE};

	if (process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_DOORBELL) !=
		RC_OK ||
	    process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK)
		ant_exit();
	rq.word[1] = 1 << BIT_ALARM;
	for (;;) {
		if (!net.connected ||
		    __atomic_load_n(&net.ring->control.generation,
			__ATOMIC_ACQUIRE) != (uint32_t)net.generation)
			connect();
		collect();
		if ((rq.word[1] >> BIT_ALARM & 1) != 0) {
			send();
			ask_again();
		}
		rq.status = RC_ORDER;
		server_next(&sv, &rq);
	}
}
