/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1af4, 0x1044, 1, g);
}

const struct qtest_device device = {
    .args = {"-device", "virtio-rng-pci,disable-legacy=on,addr=4", NULL},
    .describe = describe,
    .line = -1,
};
