/* SPDX-License-Identifier: BSD-2-Clause */
/* The sleep type of S5, found in the ACPI tables by pattern. */
#ifndef ULDRV_PLATFORM_ACPI_PM_S5_H
#define ULDRV_PLATFORM_ACPI_PM_S5_H

#include "uldrv/lib/uldrv.h"

/*
 * Looks for Name(_S5_, Package...) anywhere in the tables; type is what goes
 * into SLP_TYP of PM1a_CNT. RC_NOT_FOUND if there is no such thing.
 */
enum status s5_find(
    const uint8_t *table, size_t bytes, uint8_t *type) must_check;

#endif
