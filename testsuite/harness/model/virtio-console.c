/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio console device (VIRTIO 1.1, 5.3) with one port: queue 0 brings what
 * comes in, 1 takes what goes out. What was typed at the far end waits there
 * until there is a buffer, over resets too.
 */
#include "testsuite/harness/far.h"

#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/virtio.h"

#define STEP_TIME (50 * MICROSECOND)

enum { RECEIVE = 0, SEND = 1, TYPED = 4096 };

struct far_sent far_sent;

static struct {
	uint8_t  byte[TYPED];
	uint32_t count;
} typed;

struct console {
	bool stuck; /* Until a reset. */
};

static void
power_on(struct harness *h)
{
	(void)h;
	far_sent.count = 0;
	typed.count = 0;
}

void
far_look(struct harness *h)
{
	(void)h;
}

static void
send_one(struct harness *h, struct console *c)
{
	struct vm_segment s[VM_CHAIN];
	uint8_t           bytes[4096];
	enum fault_kind   fault;
	uint16_t          head;
	unsigned          count;
	uint32_t          n;

	if (!vm_take(h, SEND, &head, s, &count))
		return;
	fault = model_command(h);
	if (fault == FK_HANG) {
		c->stuck = true;
		return;
	}
	n = vm_copy(h, s, count, bytes, sizeof(bytes), false);
	if (n == 0)
		model_complain(h, "nothing to send");
	if (fault == FK_ERROR)
		n = 0;
	if (fault == FK_SHORT)
		n /= 2;
	for (uint32_t i = 0; i < n && far_sent.count < sizeof(far_sent.byte);
	     i++)
		far_sent.byte[far_sent.count++] = bytes[i];
	vm_finish(h, SEND, head, 0);
}

static void
receive_one(struct harness *h)
{
	struct vm_segment s[VM_CHAIN];
	uint16_t          head;
	unsigned          count;
	uint32_t          n;

	if (typed.count == 0 || !vm_take(h, RECEIVE, &head, s, &count))
		return;
	n = vm_copy(h, s, count, typed.byte, typed.count, true);
	typed.count -= n;
	memmove(typed.byte, typed.byte + n, typed.count);
	vm_finish(h, RECEIVE, head, n);
}

static void
step(struct harness *h)
{
	struct console *c = vm_state(h);

	if (c->stuck)
		return;
	receive_one(h);
	send_one(h, c);
	if (vm_waiting(h, SEND) || (typed.count != 0 && vm_waiting(h, RECEIVE)))
		model_later(h, STEP_TIME);
}

/* A far end that takes no time is done when the write is. */
static void
notified(struct harness *h, unsigned queue)
{
	if (queue == SEND && h->prompt)
		step(h);
	else if (queue == SEND || typed.count != 0)
		model_later(h, STEP_TIME);
}

void
far_receive(struct harness *h, uint8_t byte)
{
	if (typed.count < TYPED)
		typed.byte[typed.count++] = byte;
	if (vm_waiting(h, RECEIVE))
		model_later(h, STEP_TIME);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct vm_device vm_device = {
    .features = UINT64_C(0x10130000004), /* As QEMU 7.2, of one port. */
    .queues = 2,
    .size = 128,
    .state_bytes = sizeof(struct console),
    .power_on = power_on,
    .notified = notified,
    .step = step,
};
