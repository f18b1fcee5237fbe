/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

/*
 * Right after an update the model's conversation and QEMU's are the same: no
 * update comes into it.
 */
static void
await_update(struct qtest *q)
{
	uint64_t causes;

	do {
		qtest_listen(q, 1);
		(void)qtest_ask(q, "outb 0x70 0xc");
		causes = qtest_ask(q, "inb 0x71");
	} while ((causes & 0x10) == 0);
}

static void
describe(struct harness *h, struct control_given *g)
{
	await_update(h->model);
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x70, .bytes = 2};
}

const struct qtest_device device = {
    .args = {"-rtc", "base=2025-12-31T23:59:50", NULL},
    .describe = describe,
    .line = 8,
};
