/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1af4, 0x1042, 1, g);
}

const struct qtest_device device = {
    .args = {"-device",
	"virtio-blk-pci,drive=d0,disable-legacy=on,iommu_platform=on", NULL},
    .describe = describe,
    .line = -1,
};
