/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio entropy device (VIRTIO 1.1, 5.4): fills what it is given, after a
 * while, and at most 64 bytes at a time, as it may. Its bytes count up.
 */
#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/virtio.h"

#define FILL_TIME (2 * MILLISECOND)

enum { MOST = 64 };

struct rng {
	uint8_t next;
};

static void
notified(struct harness *h, unsigned queue)
{
	(void)queue;
	model_later(h, FILL_TIME);
}

static void
step(struct harness *h)
{
	struct rng       *r = vm_state(h);
	struct vm_segment s[VM_CHAIN];
	uint8_t           bytes[MOST];
	enum fault_kind   fault;
	uint16_t          head;
	unsigned          n;

	if (!vm_take(h, 0, &head, s, &n))
		return;
	fault = model_command(h);
	for (unsigned i = 0; i < MOST; i++)
		bytes[i] = ++r->next;
	if (fault != FK_HANG)
		vm_finish(h, 0, head,
		    vm_copy(h, s, n, bytes, fault == FK_SHORT ? MOST / 2 : MOST,
			true));
	if (vm_waiting(h, 0))
		model_later(h, FILL_TIME);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct vm_device vm_device = {
    .features = UINT64_C(0x10130000000), /* As QEMU 7.2. */
    .queues = 1,
    .size = 8,
    .state_bytes = sizeof(struct rng),
    .notified = notified,
    .step = step,
};
