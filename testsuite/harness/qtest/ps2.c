/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/far.h"
#include "testsuite/harness/qtest/qtest.h"

struct far_sent far_sent;

void
far_look(struct harness *h)
{
	(void)h;
}

/* The controller is asked to behave as if the keyboard had said it. */
void
far_receive(struct harness *h, uint8_t byte)
{
	(void)qtest_ask(h->model, "outb 0x64 0xd2");
	(void)qtest_ask(h->model, "outb 0x60 0x%x", byte);
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x60, .bytes = 1};
	g->port[1] = (struct control_range){.first = 0x64, .bytes = 1};
}

const struct qtest_device device = {
    .args = {NULL},
    .describe = describe,
    .line = 1,
    .still = true,
};
