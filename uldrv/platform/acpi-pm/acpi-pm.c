/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's fixed hardware of PIIX4 and ICH9: power-off, and the SCI. There is
 * no AML interpreter: S5's sleep type is found by pattern.
 */
#include "devdb/acpi-pm.regs.h"
#include "uldrv/lib/platform.h"
#include "uldrv/platform/acpi-pm/hotplug.h"
#include "uldrv/platform/acpi-pm/s5.h"

enum {
	EVENTS = ACPI_PM_PM1_STATUS_TIMER | ACPI_PM_PM1_STATUS_GLOBAL |
	    ACPI_PM_PM1_STATUS_POWER_BUTTON,
};

#define OFF_TIME (500 * MILLISECOND)

struct acpi_pm {
	uint8_t s5;
	bool    has_s5;
};

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	uint16_t status = acpi_pm_read_PM1_STATUS(d);
	uint16_t events = status & EVENTS;
	bool     plugged = hotplug_serve(d);

	if (status == UINT16_MAX || events == 0)
		return plugged ? irqs : 0;
	/* Write one to clear (ACPI 4.8.3.1.1). */
	acpi_pm_write_PM1_STATUS(d, events);
	if ((events & ACPI_PM_PM1_STATUS_POWER_BUTTON) != 0)
		dev_remark(d, "the power button was pressed");
	return irqs;
}

static enum status
probe(struct dev *d)
{
	struct acpi_pm *a = d->state;
	enum status     st = acpi_pm_regions(d);

	if (st != RC_OK) {
		dev_remark(d, "the firmware set no PM base");
		return st;
	}
	acpi_pm_write_PM1_ENABLE(d, 0);
	acpi_pm_write_PM1_STATUS(d, EVENTS);
	a->has_s5 = s5_find(dev_firmware(d), dev_given(d)->firmware_bytes,
			&a->s5) == RC_OK;
	dev_remark(
	    d, a->has_s5 ? "S5 is sleep type %u" : "no _S5_ package", a->s5);
	acpi_pm_write_PM1_ENABLE(d, ACPI_PM_PM1_ENABLE_POWER_BUTTON);
	hotplug_begin(d);
	return RC_OK;
}

static bool
is_off(struct dev *d)
{
	(void)d;
	return false; /* We would not be asked. */
}

enum status
platform_off(struct dev *d)
{
	struct acpi_pm *a = d->state;
	uint16_t        v;

	if (!a->has_s5)
		return RC_UNSUPPORTED;
	v = acpi_pm_read_PM1_CONTROL(d) &
	    (uint16_t)~ACPI_PM_PM1_CONTROL_SLEEP_TYPE_MASK;
	v |= (uint16_t)(a->s5 << ACPI_PM_PM1_CONTROL_SLEEP_TYPE_SHIFT);
	/* First the type, then type and SLP_EN (ACPI 4.8.3.2.1). */
	acpi_pm_write_PM1_CONTROL(d, v);
	acpi_pm_write_PM1_CONTROL(d, (uint16_t)(v | ACPI_PM_PM1_CONTROL_SLEEP));
	return dev_until(d, is_off, OFF_TIME) ? RC_OK : RC_TIMEOUT;
}

const struct driver driver = {
    .name = "acpi-pm",
    .class = &platform_class,
    .state_bytes = sizeof(struct acpi_pm),
    .probe = probe,
    .serve = serve,
};
