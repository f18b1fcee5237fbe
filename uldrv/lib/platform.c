/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/platform.h"

#include "uldrv/class/platform.order.h"

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
call(struct dev *d, uint64_t order)
{
	return order == PLATFORM_POWER_OFF ? platform_off(d) : RC_ORDER;
}

const struct class_ops platform_class = {
    .state_bytes = 1,
    .turn = turn,
    .call = call,
};
