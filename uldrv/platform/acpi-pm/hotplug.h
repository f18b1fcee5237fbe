/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ULDRV_PLATFORM_ACPI_PM_HOTPLUG_H
#define ULDRV_PLATFORM_ACPI_PM_HOTPLUG_H

#include "uldrv/lib/uldrv.h"

/* Listen for devices that come and go. */
void hotplug_begin(struct dev *d);

/* The SCI: true if it was for this. */
bool hotplug_serve(struct dev *d);

#endif
