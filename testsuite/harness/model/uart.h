/* SPDX-License-Identifier: BSD-2-Clause */
/* The far end of the modelled serial line. */
#ifndef TESTSUITE_HARNESS_MODEL_UART_H
#define TESTSUITE_HARNESS_MODEL_UART_H

#include "testsuite/harness/model/model.h"

struct uart_sent {
	size_t  count;
	uint8_t byte[16384];
};

extern struct uart_sent uart_sent;

/* A byte comes in. */
void uart_receive(struct harness *h, uint8_t byte);

#endif
