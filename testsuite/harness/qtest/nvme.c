/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1b36, 0x0010, 1, g);
}

const struct qtest_device device = {
    .args = {"-device", "nvme,drive=d0,serial=anteros,addr=4", NULL},
    .describe = describe,
    .line = -1,
};
