/* SPDX-License-Identifier: BSD-2-Clause */
/* ps, mem, log: what the kernel knows of itself. */
#include <string.h>

#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/log.stub.h"
#include "userland/cmd/banks.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/cmd/processes.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"

enum {
	LOG_AT_ONCE = 4096, /* As much as Log.read gives at once. */
	LOG_MOST = 65536,   /* What is shown may itself be logged. */
	RESERVES_MOST = 31,
	SHARE_ONE = 1 << 20, /* The whole processor. */
};

/* Who has a part of the processor to himself; nothing if nobody has. */
static void
print_reserves(struct command_call *c)
{
	static struct kinfo_reserve all[RESERVES_MOST];
	uint64_t                    share = 0;
	size_t                      bytes = 0;
	enum status                 st;

	st = kinfo_reserves(REG_T0, all, sizeof(all), &bytes, &share);
	if (st != RC_OK || bytes < sizeof(all[0]))
		return;
	term_text(c->out, format_reserve_head);
	for (size_t i = 0; i < bytes / sizeof(all[0]); i++) {
		char line[FORMAT_BYTES];

		format_reserve(line, &all[i]);
		term_text(c->out, line);
	}
	term_printf(c->out, "%lu %% of the processor is reserved\n",
	    (share * 100 + SHARE_ONE - 1) / SHARE_ONE);
}

/* All processes once more, for the banks that they hold. */
static void
print_banks(struct command_call *c, struct process_list *list)
{
	struct kinfo_process p;

	memset(list, 0, sizeof(*list));
	while (process_next(list, &p) == RC_OK)
		banks_note(&p);
	banks_show(c);
}

void
cmd_ps(struct command_call *c)
{
	static struct process_list list;
	struct kinfo_process       p;
	enum status                st;

	if (!command_alone(c) || !command_fetch(c, SHELL_KINFO, REG_T0))
		return;
	memset(&list, 0, sizeof(list));
	banks_begin();
	term_text(c->out, format_process_head);
	while ((st = process_next(&list, &p)) == RC_OK) {
		char line[FORMAT_BYTES];

		format_process(line, &p);
		term_text(c->out, line);
		banks_find(&p);
	}
	if (st != RC_NOT_FOUND) {
		command_failed(c, st);
		return;
	}
	print_reserves(c);
	print_banks(c, &list);
}

static void
print_counters(struct command_call *c)
{
	struct kinfo_counters k = {0};
	enum status           st;

	st = kinfo_counters(REG_T0, &k, sizeof(k), NULL);
	if (st != RC_OK) {
		command_failed(c, st);
		return;
	}
	term_printf(c->out,
	    "invocations  %lu, %lu of them fast\n"
	    "faults       %lu\n"
	    "interrupts   %lu\n"
	    "switches     %lu\n"
	    "paging       %lu in, %lu out, %lu evicted\n"
	    "snapshots    %lu, %lu pages copied on first write\n",
	    k.invocations, k.fast_calls, k.faults, k.interrupts, k.switches,
	    k.fetches, k.cleans, k.evictions, k.snapshots, k.copies);
}

static void
print_bank(struct command_call *c)
{
	uint64_t used, limit, pages, nodes;

	if (bank_figures(REG_BANK, &used, &limit, &pages, &nodes) == RC_OK)
		term_printf(c->out,
		    "bank         %lu of %lu frames: %lu pages, %lu nodes\n",
		    used, limit, pages, nodes);
}

void
cmd_mem(struct command_call *c)
{
	uint64_t    total, unused, cache, tables;
	enum status st;

	if (!command_alone(c) || !command_fetch(c, SHELL_KINFO, REG_T0))
		return;
	st = kinfo_memory(REG_T0, &total, &unused, &cache, &tables);
	if (st != RC_OK) {
		command_failed(c, st);
		return;
	}
	term_printf(c->out,
	    "frames       %lu of 4 KiB: %lu free, %lu cache, %lu tables\n",
	    total, unused, cache, tables);
	print_counters(c);
	print_bank(c);
}

void
cmd_log(struct command_call *c)
{
	static char text[LOG_AT_ONCE + 1];
	uint64_t    position = 0;
	size_t      total = 0;

	if (!command_alone(c))
		return;
	while (total < LOG_MOST) {
		uint64_t    next = 0;
		size_t      n = 0;
		enum status st;

		st = log_read(
		    REG_LOG, position, text, sizeof(text) - 1, &n, &next);
		if (st != RC_OK) {
			command_failed(c, st);
			return;
		}
		text[n] = 0;
		term_text(c->out, text);
		if (n == 0 || next <= position)
			return;
		position = next;
		total += n;
	}
}
