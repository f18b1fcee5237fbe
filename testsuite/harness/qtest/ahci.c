/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x8086, 0x2922, 1, g);
}

const struct qtest_device device = {
    .args = {"-device", "ich9-ahci,id=ahci,addr=4", "-device",
	"ide-hd,bus=ahci.1,drive=d0", NULL},
    .describe = describe,
    .line = -1,
};
