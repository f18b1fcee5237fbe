/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's side of the platform class: it is called, and has no ring. */
#ifndef ULDRV_LIB_PLATFORM_H
#define ULDRV_LIB_PLATFORM_H

#include "uldrv/lib/uldrv.h"

extern const struct class_ops platform_class;

/* Supplied by the driver: turn the machine off. Returns only if it failed. */
enum status platform_off(struct dev *d) must_check;

/* The same: give the device in a slot up; said.down has asked for it. */
enum status platform_eject(
    struct dev *d, unsigned selector, unsigned slot) must_check;

/* control.said.up and down have changed: the server looks. */
void platform_plugged(struct dev *d);

/* The firmware's tables, control.given.firmware_bytes of them. */
const uint8_t *dev_firmware(const struct dev *d);

#endif
