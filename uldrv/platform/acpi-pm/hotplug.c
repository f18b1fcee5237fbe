/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI PCI hot-plug as QEMU's machines have it: PCIHP. There is no AML
 * interpreter; the registers are used as the tables' methods would.
 */
#include "devdb/acpi-pm.regs.h"
#include "uldrv/lib/platform.h"
#include "uldrv/platform/acpi-pm/hotplug.h"

/* PIIX4 has its GPE block apart, ICH9 among its other registers. */
static bool
apart(const struct dev *d)
{
	return d->region[ACPI_PM_REGION_GPE].kind != REGION_NONE;
}

static bool
pending(struct dev *d)
{
	uint32_t status = apart(d) ? acpi_pm_read_GPE0_STATUS(d)
				   : acpi_pm_read_GPE_STATUS(d);

	return (status & ACPI_PM_GPE_STATUS_HOTPLUG) != 0;
}

/* Write one to clear (ACPI 4.8.4.1.1). */
static void
clear(struct dev *d)
{
	if (apart(d))
		acpi_pm_write_GPE0_STATUS(d, ACPI_PM_GPE_STATUS_HOTPLUG);
	else
		acpi_pm_write_GPE_STATUS(d, ACPI_PM_GPE_STATUS_HOTPLUG);
}

/* What each bus has to say; reading PCIUP clears it. */
static bool
collect(struct dev *d)
{
	struct control_said *said = &d->control->said;
	bool                 any = false;

	for (unsigned i = 0; i < CONTROL_BUSES; i++) {
		uint32_t down;

		acpi_pm_write_SLOTS_SELECTOR(d, i);
		said->up[i] = acpi_pm_read_SLOTS_UP(d);
		down = acpi_pm_read_SLOTS_DOWN(d);
		/* A selector without a bus, or a controller that is gone. */
		if (said->up[i] == UINT32_MAX || down == UINT32_MAX)
			said->up[i] = down = 0;
		any |= said->up[i] != 0 || (down & ~said->down[i]) != 0;
		said->down[i] = down;
	}
	return any;
}

bool
hotplug_serve(struct dev *d)
{
	if (!pending(d))
		return false;
	clear(d);
	if (collect(d))
		platform_plugged(d);
	return true;
}

void
hotplug_begin(struct dev *d)
{
	clear(d);
	if (apart(d))
		acpi_pm_write_GPE0_ENABLE(d, ACPI_PM_GPE_STATUS_HOTPLUG);
	else
		acpi_pm_write_GPE_ENABLE(d, ACPI_PM_GPE_STATUS_HOTPLUG);
	/* What came before we listened. */
	if (collect(d))
		platform_plugged(d);
}

enum status
platform_eject(struct dev *d, unsigned selector, unsigned slot)
{
	acpi_pm_write_SLOTS_SELECTOR(d, selector);
	acpi_pm_write_SLOTS_EJECT(d, UINT32_C(1) << slot);
	d->control->said.down[selector] &= ~(UINT32_C(1) << slot);
	d->control->said.up[selector] = 0;
	/* It is gone now: the server may look. */
	platform_plugged(d);
	return RC_OK;
}
