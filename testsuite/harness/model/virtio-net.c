/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio network device (VIRTIO 1.1, 5.1): queue 0 receives, 1 transmits, each
 * frame behind a header of 12 bytes. It transmits after a while; answers of
 * the far end wait until a buffer is there. Nothing is reported as an error:
 * a frame is lost, as on a wire.
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/netpeer.h"
#include "testsuite/harness/model/virtio.h"

#define SEND_TIME (50 * MICROSECOND)

enum { HEADER = 12, RECEIVE = 0, SEND = 1 };

struct net {
	struct netpeer peer;
	bool           stuck; /* Until a reset. */
};

static void
notified(struct harness *h, unsigned queue)
{
	(void)queue;
	model_later(h, SEND_TIME);
}

static void
send_one(struct harness *h, struct net *n)
{
	struct vm_segment s[VM_CHAIN];
	uint8_t           frame[HEADER + PEER_MOST + 64];
	enum fault_kind   fault;
	uint16_t          head;
	unsigned          count;
	uint32_t          bytes;

	if (!vm_take(h, SEND, &head, s, &count))
		return;
	fault = model_command(h);
	if (fault == FK_HANG) {
		n->stuck = true;
		return;
	}
	bytes = vm_copy(h, s, count, frame, sizeof(frame), false);
	if (bytes < HEADER || frame[1] != 0)
		model_complain(h, "a frame without its header");
	else if (fault == FK_SHORT)
		peer_takes(&n->peer, frame + HEADER, (bytes - HEADER) / 2);
	else if (fault != FK_ERROR)
		peer_takes(&n->peer, frame + HEADER, bytes - HEADER);
	vm_finish(h, SEND, head, 0);
}

static void
receive_one(struct harness *h, struct net *n)
{
	struct vm_segment s[VM_CHAIN];
	uint8_t           frame[HEADER + PEER_MOST] = {0};
	uint16_t          head;
	unsigned          count;
	uint32_t          bytes;
	const uint8_t    *answer = peer_answer(&n->peer, &bytes);

	if (answer == NULL || !vm_take(h, RECEIVE, &head, s, &count))
		return;
	frame[10] = 1; /* num_buffers */
	memcpy(frame + HEADER, answer, bytes);
	peer_drop(&n->peer);
	vm_finish(h, RECEIVE, head,
	    vm_copy(h, s, count, frame, HEADER + bytes, true));
}

static void
step(struct harness *h)
{
	struct net *n = vm_state(h);
	uint32_t    bytes;

	if (n->stuck)
		return;
	receive_one(h, n);
	send_one(h, n);
	if (vm_waiting(h, SEND) ||
	    (peer_answer(&n->peer, &bytes) != NULL && vm_waiting(h, RECEIVE)))
		model_later(h, SEND_TIME);
}

static uint32_t
config(struct harness *h, uint64_t offset, unsigned bytes)
{
	static const uint8_t bytes8[8] = {0x52, 0x54, 0, 0x12, 0x34, 0x56, 1};
	uint32_t             v = 0;

	(void)h;
	for (unsigned i = 0; i < bytes && offset + i < sizeof(bytes8); i++)
		v |= (uint32_t)bytes8[offset + i] << 8 * i;
	return v;
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct vm_device vm_device = {
    .features = UINT64_C(0x10130bf8024), /* Of QEMU's, what a test can see. */
    .queues = 2,
    .size = 256,
    .state_bytes = sizeof(struct net),
    .config = config,
    .notified = notified,
    .step = step,
};
