/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x8086, 0x100e, 0, g);
}

const struct qtest_device device = {
    .args = {"-netdev", "user,id=n0,ipv6=off", "-device",
	"e1000,netdev=n0,addr=4,mac=52:54:00:12:34:56", NULL},
    .describe = describe,
    .line = 11,
    .level = true,
};
