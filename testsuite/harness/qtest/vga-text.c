/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/far.h"
#include "testsuite/harness/qtest/qtest.h"

enum { SHOWN = 4000 };

struct far_sent far_sent;

void
far_look(struct harness *h)
{
	for (unsigned i = 0; i < SHOWN; i++)
		far_sent.byte[i] = (uint8_t)qtest_ask(
		    h->model, "readb 0x%x", 0xb8000 + i);
	for (unsigned i = 0; i < 2; i++) {
		(void)qtest_ask(h->model, "outb 0x3d4 0x%x", 15 - i);
		far_sent.byte[SHOWN + i] = (uint8_t)qtest_ask(
		    h->model, "inb 0x3d5");
	}
	far_sent.count = SHOWN + 2;
}

void
far_receive(struct harness *h, uint8_t byte)
{
	(void)h;
	(void)byte;
}

static void
put(struct qtest *q, unsigned port, unsigned index, unsigned value)
{
	(void)qtest_ask(q, "outb 0x%x 0x%x", port, index);
	(void)qtest_ask(q, "outb 0x%x 0x%x", port + 1, value);
}

/* What the firmware's mode 3 is, as far as the memory goes. */
static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_ask(h->model, "outb 0x3c2 0x67");
	put(h->model, 0x3c4, 2, 3);
	put(h->model, 0x3c4, 4, 2);
	put(h->model, 0x3ce, 5, 0x10);
	put(h->model, 0x3ce, 6, 0x0e);
	g->port[0] = (struct control_range){.first = 0x3d4, .bytes = 2};
	g->port[1] = (struct control_range){.first = 0x3ce, .bytes = 2};
	g->mmio[0] = (struct control_range){.first = 0xb8000, .bytes = 32768};
}

const struct qtest_device device = {
    .args = {"-device", "VGA", NULL},
    .describe = describe,
    .line = -1,
};
