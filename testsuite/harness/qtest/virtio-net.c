/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1af4, 0x1041, 1, g);
}

const struct qtest_device device = {
    .args = {"-netdev", "user,id=n0,ipv6=off", "-device",
	"virtio-net-pci,netdev=n0,disable-legacy=on,addr=4,"
	"mac=52:54:00:12:34:56",
	NULL},
    .describe = describe,
    .line = -1,
};
