/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's 16550A at COM1; its line is a socket that we hold the other end of. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/harness/far.h"
#include "testsuite/harness/qtest/qtest.h"

struct far_sent far_sent;

static void
describe(struct harness *h, struct control_given *g)
{
	struct qtest *q = h->model;

	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x3f8, .bytes = 8};
	if (q->line_socket == 0) {
		q->line_socket = qtest_connect(q, "line");
		far_sent.count = 0;
	}
}

void
far_look(struct harness *h)
{
	struct qtest *q = h->model;
	struct pollfd p = {.fd = q->line_socket, .events = POLLIN};
	ssize_t       n = 0;

	while (far_sent.count < sizeof(far_sent.byte) && poll(&p, 1, 0) > 0) {
		n = read(q->line_socket, far_sent.byte + far_sent.count,
		    sizeof(far_sent.byte) - far_sent.count);
		if (n <= 0)
			break;
		far_sent.count += (size_t)n;
	}
}

void
far_receive(struct harness *h, uint8_t byte)
{
	struct qtest *q = h->model;

	if (write(q->line_socket, &byte, 1) != 1)
		harness_complaints++;
}

const struct qtest_device device = {
    .args = {"-chardev", "socket,id=line,path=@/line,server=on,wait=off",
	"-device", "isa-serial,chardev=line,iobase=0x3f8,irq=4", NULL},
    .describe = describe,
    .line = 4,
};
