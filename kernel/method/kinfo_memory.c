/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel information: memory and counters. */
#include "kernel/mem/frame.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"

enum status
method_kinfo_memory(struct invocation *inv)
{
	struct memory_figures m;

	frame_figures(&m);
	inv_commit(inv);
	inv->out_word[1] = m.total;
	inv->out_word[2] = m.free;
	inv->out_word[3] = m.objects;
	inv->out_word[4] = m.tables;
	return RC_OK;
}

/* Each layer counts what it does; no field is counted by two. */
enum status
method_kinfo_counters(struct invocation *inv)
{
	const uint64_t *a = (const void *)&cpu.counters;
	const uint64_t *b = (const void *)frame_counters();
	uint64_t       *out = (void *)inv->out_string;

	inv_commit(inv);
	for (unsigned i = 0; i < sizeof(cpu.counters) / sizeof(*a); i++)
		out[i] = a[i] + b[i];
	((struct kinfo_counters *)(void *)out)->invocations +=
	    cpu.counters.fast_calls; /* Counted as that alone. */
	inv->out_bytes = sizeof(cpu.counters);
	return RC_OK;
}
