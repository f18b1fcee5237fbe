/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far end of a char device: what is at the other end of the line. Supplied
 * by the model, by the device's file in qtest, or by the replay.
 */
#ifndef TESTSUITE_HARNESS_FAR_H
#define TESTSUITE_HARNESS_FAR_H

#include "testsuite/harness/harness.h"

struct far_sent {
	size_t  count;
	uint8_t byte[16384];
};

/* What has come out of the device since it was opened. */
extern struct far_sent far_sent;

/* Brings far_sent up to date. */
void far_look(struct harness *h);

/* A byte comes in. */
void far_receive(struct harness *h, uint8_t byte);

#endif
