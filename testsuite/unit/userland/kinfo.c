/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's information on two processes and its interrupts, by rote. */
#include "testsuite/unit/userland/kinfo.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.order.h"
#include "kernel/abi/process.h"

/* What kinfo_answer knows: a process edu with a space and a node. */
enum {
	EDU = 0x40,
	EDU_SPACE = 0x48,
	EDU_GUARD = 0x50,
	EDU_LEAF = 0x58,
	EDU_NODE = 0x60,
	EDU_FORWARDER = 0x70,
	SHELL = 0x80,
	BANK = 0x90,
};

static const struct kinfo_cap edu_caps[] = {
    {.slot = 1, .kind = CK_LOG, .origin = ORIGIN_PLACED},
    {.slot = 5, .kind = CK_IRQ, .origin = ORIGIN_PLACED, .object = 5,
	.first = 34, .size = IRQ_MSI, .label = "edu 00:04.0"},
    {.slot = 6, .kind = CK_NODE, .origin = ORIGIN_PLACED, .object = EDU_NODE,
	.size = 17},
    {.slot = 9, .kind = CK_PAGE, .validity = KC_DEAD},
    {.slot = SLOT_SPACE, .kind = CK_NODE, .origin = ORIGIN_PLACED,
	.object = EDU_SPACE, .size = 32},
    {.slot = SLOT_STATE, .kind = CK_PAGE, .origin = ORIGIN_KERNEL,
	.object = 0x47},
};

/* A guard, a window, and a way back that must not be walked for ever. */
static const struct kinfo_cap space_caps[] = {
    {.slot = 0, .kind = CK_GUARD, .object = EDU_GUARD, .size = 27},
    {.slot = 5, .kind = CK_MMIO, .rights = CR_NO_EXECUTE, .object = 5,
	.first = 0xfe000000, .size = 0x100000, .label = "edu 00:04.0"},
    {.slot = 6, .kind = CK_NODE, .object = EDU_SPACE, .size = 32},
};

static const struct kinfo_cap guard_caps[] = {
    {.slot = 0, .kind = CK_NODE, .rights = CR_NO_EXECUTE, .object = EDU_LEAF,
	.size = 17},
    {.slot = 1, .kind = CK_START},
};

static const struct kinfo_cap leaf_caps[] = {
    {.slot = 0, .kind = CK_PAGE, .object = 0x107},
    {.slot = 1, .kind = CK_PAGE, .rights = CR_READ_ONLY, .object = 0x10f},
};

static const struct kinfo_cap node_caps[] = {
    {.slot = 0, .kind = CK_PAGE, .object = 0x207},
    {.slot = 1, .kind = CK_PAGE, .object = 0x20f},
    {.slot = 2, .kind = CK_PAGE, .object = 0x217},
    {.slot = 3, .kind = CK_IRQ, .object = 5, .first = 34, .size = IRQ_MSI,
	.label = "edu 00:04.0"},
    {.slot = 4, .kind = CK_DMA, .object = 7, .first = 0x20, .size = 3,
	.label = "edu 00:04.0"},
    {.slot = 5, .kind = CK_FORWARDER, .object = EDU_FORWARDER},
};

static const struct kinfo_cap forwarder_caps[] = {
    {.slot = 0, .kind = CK_START, .object = 0x80, .data = 3},
};

/* Of the one that runs: a bank, another one twice, and what is none or was one. */
static const struct kinfo_cap shell_caps[] = {
    {.slot = 2, .kind = CK_START, .object = BANK, .data = 0},
    {.slot = 9, .kind = CK_START, .object = BANK, .data = 7},
    {.slot = 10, .kind = CK_START, .object = BANK, .data = 7},
    {.slot = 11, .kind = CK_START, .object = BANK, .data = 3},
    {.slot = 12, .kind = CK_START, .object = BANK + 1, .data = 7},
    {.slot = 13, .kind = CK_START, .object = BANK, .data = 8,
	.validity = KC_DEAD},
    {.slot = 14, .kind = CK_START, .object = BANK, .data = 7},
};

static const struct {
	uint64_t                number;
	uint8_t                 role;
	unsigned                n;
	const struct kinfo_cap *cap;
} nodes[] = {
    {EDU, ROLE_PROCESS, 6, edu_caps},
    {EDU_SPACE, ROLE_DATA, 3, space_caps},
    {EDU_GUARD, ROLE_GUARD, 2, guard_caps},
    {EDU_LEAF, ROLE_DATA, 2, leaf_caps},
    {EDU_NODE, ROLE_DATA, 6, node_caps},
    {EDU_FORWARDER, ROLE_FORWARDER, 1, forwarder_caps},
    {SHELL, ROLE_PROCESS, 7, shell_caps},
};

static enum status
node_answer(uint64_t number, const void **record, size_t *bytes)
{
	static union {
		struct kinfo_node node;
		uint8_t           bytes[4096];
	} r;

	for (unsigned i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		if (nodes[i].number != number)
			continue;
		r.node = (struct kinfo_node){
		    .role = nodes[i].role, .caps = (uint16_t)nodes[i].n};
		memcpy(r.node.cap, nodes[i].cap,
		    nodes[i].n * sizeof(nodes[i].cap[0]));
		*record = &r;
		*bytes = sizeof(r.node) +
		    nodes[i].n * sizeof(nodes[i].cap[0]);
		return RC_OK;
	}
	return RC_NOT_FOUND;
}

/* Two batches, the first one empty; then the same again, for ever. */
enum status
kinfo_answer(struct message *m, const void **record, size_t *bytes)
{
	static const struct kinfo_process all[] = {
	    {.oid = EDU, .activity = KA_IDLE, .name = "edu"},
	    {.oid = SHELL, .state = PS_RUNNING, .priority = 15, .reserve = 0x51f,
		.name = "sixteen bytes ok"},
	};
	static const struct kinfo_reserve reserve = {.id = 0x51f,
	    .period = 50000000,
	    .budget = 10000000,
	    .left = 2500,
	    .used = 77000000,
	    .exhausted = 3};

	if (m->word[0] == KINFO_NODE)
		return node_answer(m->word[1], record, bytes);
	if (m->word[0] == KINFO_RESERVES) {
		m->word[1] = 209716; /* A fifth, rounded up. */
		*record = &reserve;
		*bytes = sizeof(reserve);
		return RC_OK;
	}
	if (m->word[0] != KINFO_PROCESSES)
		return RC_ORDER;
	if (m->word[1] == 0) {
		m->word[1] = 100;
		return RC_OK;
	}
	m->word[1] = 7;
	*record = all;
	*bytes = sizeof(all);
	return RC_OK;
}

enum status
irq_answer(struct message *m, const void **record, size_t *bytes)
{
	static const struct irq_info lines[] = {
	    {.line = 4,
		.kind = IRQ_EDGE,
		.bits = IRQ_ALLOCATED,
		.deliveries = 12,
		.label = "uart com1"},
	    {.line = 10, .kind = IRQ_LEVEL, .bits = IRQ_MASKED},
	    {.line = 0x41,
		.kind = IRQ_MSI,
		.bits = IRQ_ALLOCATED | IRQ_STORM | IRQ_MASKED,
		.unhandled = 99,
		.label = "virtio-blk 00:03.0"},
	    {.line = 0xec, .kind = IRQ_EDGE, .bits = IRQ_KERNEL},
	};
	uint64_t index = m->word[1];

	m->word[1] = 4;
	if (index >= 4)
		return RC_NOT_FOUND;
	*record = &lines[index];
	*bytes = sizeof(lines[0]);
	return RC_OK;
}
