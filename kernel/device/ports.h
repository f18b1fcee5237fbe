/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports: who has which. The kernel's own are in the list, so a request for
 * one is refused as any other (D12).
 *
 * The configuration ports 0xcf8 to 0xcff are one range or none: a 32-bit write
 * to 0xcf8 passes the reset port 0xcf9, which is a byte. Invocations refuse
 * that byte; who has the range in its I/O slot (the bus domain, which could do
 * worse through configuration space) could write it.
 */
#ifndef KERNEL_DEVICE_PORTS_H
#define KERNEL_DEVICE_PORTS_H

#include "kernel/device/device.h"

void ports_init(void);

/* RC_ARGUMENT, RC_TAKEN; RC_OK: ports_take will succeed. */
must_check enum status ports_check(uint64_t first, uint64_t count);
uint32_t               ports_take(
		  uint32_t first, uint32_t count, const void *label, size_t bytes);
void ports_release(uint32_t index);

/* The port of an access by invocation. RC_ARGUMENT: not within the range. */
must_check enum status ports_access(
    uint32_t index, uint64_t offset, uint64_t bytes, uint16_t *port);

/*
 * A protection fault of the loaded process: open the I/O bitmap for what its
 * I/O slot holds. false: there is nothing, or it is open already, so the fault
 * has another cause.
 */
bool ports_open(const struct cap *io);

must_check enum status ports_query(uint64_t index, struct port_info *out);
uint64_t               ports_total(void);

bool ports_ok(void);

#endif
