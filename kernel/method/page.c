/* SPDX-License-Identifier: BSD-2-Clause */
/* Page: 4 KiB of data. */
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_page_zero(struct invocation *inv)
{
	enum status st = inv_commit_write(inv);

	if (st == RC_OK)
		memset(frame_data(inv->self.frame), 0, PAGE_SIZE);
	return st;
}

static bool
within(uint64_t offset, uint64_t bytes)
{
	return offset <= PAGE_SIZE && bytes <= PAGE_SIZE - offset;
}

enum status
method_page_read(struct invocation *inv, uint64_t offset, uint64_t bytes)
{
	const uint8_t *data = frame_data(inv->self.frame);

	if (!within(offset, bytes))
		return RC_ARGUMENT;
	inv_commit(inv);
	memcpy(inv->out_string, data + offset, bytes);
	inv->out_bytes = (uint32_t)bytes;
	return RC_OK;
}

enum status
method_page_write(struct invocation *inv, uint64_t offset)
{
	enum status st;

	if (!within(offset, inv->string_bytes))
		return RC_ARGUMENT;
	st = inv_commit_write(inv);
	if (st == RC_OK)
		memcpy((uint8_t *)frame_data(inv->self.frame) + offset,
		    inv->string, inv->string_bytes);
	return st;
}

enum status
method_page_copy(struct invocation *inv)
{
	enum status st = inv_commit_write(inv);

	if (st == RC_OK)
		memmove(frame_data(inv->self.frame),
		    frame_data(inv->cap[0].frame), PAGE_SIZE);
	return st;
}
