/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/server/server.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"

enum status
inst_node(const struct instance *n, capreg to)
{
	unsigned    i = index_of(n);
	enum status st;

	st = node_get(REG_NODE, SLOT_INSTANCE + i / NODE_SLOTS, REG_RT);
	return st != RC_OK ? st : node_get(REG_RT, i % NODE_SLOTS, to);
}

enum status
system_get(enum server_slot slot, capreg to)
{
	return node_get(REG_NODE, slot, to);
}

enum status
system_put(enum server_slot slot, capreg from)
{
	return node_swap(REG_NODE, slot, from, REG_VOID);
}

enum status
inst_get(const struct instance *n, unsigned slot, capreg to)
{
	enum status st;

	st = inst_node(n, REG_RT);
	return st != RC_OK ? st : node_get(REG_RT, slot, to);
}

enum status
inst_put(const struct instance *n, unsigned slot, capreg from)
{
	enum status st;

	st = inst_node(n, REG_RT);
	return st != RC_OK ? st : node_swap(REG_RT, slot, from, REG_VOID);
}

uint64_t
server_now(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	return now;
}

/* People read it, in the log and by `drv`: no more than text. */
static void
make_text(char *text, size_t room)
{
	text[room - 1] = '\0';
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

struct control_said
server_said(const struct instance *n)
{
	struct control_said said = {0};

	if (!n->granted || inst_get(n, INST_CONTROL, REG_T0) != RC_OK ||
	    page_read(REG_T0, offsetof(struct driver_control, said),
		sizeof(said), &said, sizeof(said), NULL) != RC_OK)
		said = (struct control_said){0};
	make_text(said.remark, sizeof(said.remark));
	return said;
}
