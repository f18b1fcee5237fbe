/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/cmd/processes.h"

#include <string.h>

#include "kernel/abi/kinfo.stub.h"
#include "userland/rt/registers.h"

static enum status
more(struct process_list *l)
{
	uint64_t    index = l->next;
	size_t      bytes = 0;
	enum status st = kinfo_processes(
	    REG_T0, index, l->batch, sizeof(l->batch), &bytes, &l->next);

	l->begun = true;
	l->at = 0;
	l->count = st == RC_OK ? (unsigned)(bytes / sizeof(l->batch[0])) : 0;
	/* The kernel counts up; anything else would not end. */
	if (l->next <= index)
		l->next = 0;
	return st;
}

enum status
process_next(struct process_list *l, struct kinfo_process *out)
{
	while (l->at == l->count) {
		enum status st;

		if (l->begun && l->next == 0)
			return RC_NOT_FOUND;
		st = more(l);
		if (st != RC_OK)
			return st;
	}
	*out = l->batch[l->at++];
	return RC_OK;
}

enum status
process_named(
    struct process_list *l, const char *name, struct kinfo_process *out)
{
	enum status st;

	do
		st = process_next(l, out);
	while (st == RC_OK &&
	    (strnlen(out->name, sizeof(out->name)) != strlen(name) ||
		memcmp(out->name, name, strlen(name)) != 0));
	return st;
}

enum status
node_slots(
    uint64_t node, struct kinfo_node *record, size_t bytes, unsigned *n)
{
	size_t      got = 0;
	enum status st = kinfo_node(REG_T0, node, record, bytes, &got);

	*n = 0;
	if (st != RC_OK || got < sizeof(*record))
		return st;
	got = (got - sizeof(*record)) / sizeof(record->cap[0]);
	*n = record->caps < got ? record->caps : (unsigned)got;
	return RC_OK;
}
