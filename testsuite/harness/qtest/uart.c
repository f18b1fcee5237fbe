/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's 16550A at COM1. */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x3f8, .bytes = 8};
	qtest_line(h->model);
}

const struct qtest_device device = {
    .args = {"-chardev", "socket,id=line,path=@/line,server=on,wait=off",
	"-device", "isa-serial,chardev=line,iobase=0x3f8,irq=4", NULL},
    .describe = describe,
    .line = 4,
};
