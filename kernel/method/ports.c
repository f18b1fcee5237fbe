/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: a range of I/O ports. */
#include "kernel/device/ports.h"
#include "kernel/hal/hal.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_ports_in(struct invocation *inv, uint64_t offset, uint64_t bytes)
{
	uint16_t    port;
	enum status st = ports_access(device_self(&inv->self), offset, bytes, &port);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = hal_in(port, (unsigned)bytes);
	return RC_OK;
}

enum status
method_ports_out(
    struct invocation *inv, uint64_t offset, uint64_t bytes, uint64_t value)
{
	uint16_t    port;
	enum status st = ports_access(device_self(&inv->self), offset, bytes, &port);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	hal_out(port, (unsigned)bytes, (uint32_t)value);
	return RC_OK;
}

enum status
method_ports_extent(struct invocation *inv)
{
	const struct port_range *r = &device_at(device_self(&inv->self))->ports;

	inv_commit(inv);
	inv->out_word[1] = r->first;
	inv->out_word[2] = r->count;
	return RC_OK;
}

enum status
method_ports_release(struct invocation *inv)
{
	inv_commit(inv);
	ports_release(device_self(&inv->self));
	return RC_OK;
}
