/* SPDX-License-Identifier: BSD-2-Clause */
/* Log: the console log. */
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum { READ_BYTES = 4096 };

/* What is written is shown on terminals: no control characters but these. */
static char
harmless(uint8_t c)
{
	if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
		return (char)c;
	return '?';
}

enum status
method_log_write(struct invocation *inv)
{
	inv_commit(inv);
	for (uint32_t i = 0; i < inv->string_bytes; i++) {
		const char c = harmless(inv->string[i]);

		log_append(&c, 1);
	}
	return RC_OK;
}

enum status
method_log_read(struct invocation *inv, uint64_t position)
{
	size_t n;

	inv_commit(inv);
	inv->out_word[1] = log_read(
	    position, (char *)inv->out_string, READ_BYTES, &n);
	inv->out_bytes = (uint32_t)n;
	return RC_OK;
}
