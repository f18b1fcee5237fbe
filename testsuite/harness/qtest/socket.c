/* SPDX-License-Identifier: BSD-2-Clause */
/* The far end of a line of QEMU's: a socket that we hold the other end of. */
#include <poll.h>
#include <unistd.h>

#include "testsuite/harness/far.h"
#include "testsuite/harness/qtest/qtest.h"

struct far_sent far_sent;

void
qtest_line(struct qtest *q)
{
	if (q->line_socket != 0)
		return;
	q->line_socket = qtest_connect(q, "line");
	far_sent.count = 0;
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
