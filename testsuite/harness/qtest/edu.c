/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1234, 0x11e8, 1, g);
}

const struct qtest_device device = {
    .args = {"-device", "edu,addr=4", NULL},
    .describe = describe,
    .line = -1,
};
