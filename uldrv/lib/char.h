/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of the char class. driver.request is called, with a NULL
 * request, whenever output may be there or a client has come.
 */
#ifndef ULDRV_LIB_CHAR_H
#define ULDRV_LIB_CHAR_H

#include "uldrv/class/char.h"
#include "uldrv/lib/uldrv.h"

extern const struct class_ops char_class;

/* A byte came in. Without room, or a client, it is counted and lost. */
void char_input(struct dev *d, uint8_t byte);

/* Takes the next byte to go out; false if there is none. */
bool char_output(struct dev *d, uint8_t *byte) must_check;

/* Is there output? */
bool char_waiting(struct dev *d);

/* Counters for the client to see. */
struct char_errors *char_errors(struct dev *d);

#endif
