/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/platform.h"

#include "uldrv/class/platform.order.h"
#include "uldrv/lib/backend.h"

static void
turn(struct dev *d, uint64_t notices)
{
	(void)d;
	(void)notices;
}

const uint8_t *
dev_firmware(const struct dev *d)
{
	return d->firmware;
}

static enum status
call(struct dev *d, uint64_t order, uint64_t a, uint64_t b)
{
	if (order == PLATFORM_POWER_OFF)
		return platform_off(d);
	if (order == PLATFORM_EJECT && a < CONTROL_BUSES && b < 32)
		return platform_eject(d, (unsigned)a, (unsigned)b);
	return order == PLATFORM_EJECT ? RC_ARGUMENT : RC_ORDER;
}

const struct class_ops platform_class = {
    .state_bytes = 1,
    .turn = turn,
    .call = call,
};

void
platform_plugged(struct dev *d)
{
	d->control->said.plugs++;
	be_client(d);
}
