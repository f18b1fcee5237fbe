/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's virtio console, of one port. Without ioeventfd it has sent when the
 * write that tells it so returns, so that a record is always the same.
 */
#include "testsuite/harness/qtest/qtest.h"

static void
describe(struct harness *h, struct control_given *g)
{
	(void)qtest_given(h, 0x1af4, 0x1043, 1, g);
	qtest_line(h->model);
}

const struct qtest_device device = {
    .args = {"-chardev", "socket,id=line,path=@/line,server=on,wait=off",
	"-device",
	"virtio-serial-pci,disable-legacy=on,max_ports=1,addr=4,"
	"ioeventfd=off",
	"-device", "virtconsole,chardev=line", NULL},
    .describe = describe,
    .line = -1,
};
