/* SPDX-License-Identifier: BSD-2-Clause */
/* What the unit tests of kernel/device share. */
#ifndef TESTSUITE_UNIT_KERNEL_DEVICE_SUPPORT_H
#define TESTSUITE_UNIT_KERNEL_DEVICE_SUPPORT_H

#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/device/device.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/kernel/fake/fake.h"

extern const struct runner_test table_tests[], irq_tests[], port_tests[],
    mmio_tests[], dma_tests[];

struct seen {
	unsigned posts[64]; /* By notice bit. */
	unsigned revokes;   /* map_device_revoke. */
	unsigned
	    alloc_fails; /* The n-th frame_alloc from now fails; 0: none. */
};
extern struct seen seen;

/* A machine with 64 MiB, kernel/mem and kernel/device started. */
int start(void);

/* A notice capability with this bit. */
struct notice_binding notice(unsigned bit);

/* An invocation of a capability with words 1 to 4 and a label. */
struct invocation *invoke(const struct cap *c, uint64_t w1, uint64_t w2,
    uint64_t w3, const char *label);

/* A capability to an ephemeral page that was made here. */
struct frame *page_make(uint64_t position);

#endif
