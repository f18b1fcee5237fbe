/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's list of processes, one after the other. */
#ifndef USERLAND_CMD_PROCESSES_H
#define USERLAND_CMD_PROCESSES_H

#include "kernel/abi/kinfo.h"
#include "userland/rt/invoke.h"

enum {
	PROCESS_BATCH = 4096 / sizeof(struct kinfo_process),
};

/* Where one is in the list. Begins as zero. */
struct process_list {
	struct kinfo_process batch[PROCESS_BATCH];
	unsigned             at, count;
	uint64_t             next;
	bool                 begun;
};

/* The next one; RC_NOT_FOUND: there are no more. Kernel info in REG_T0. */
enum status process_next(
    struct process_list *l, struct kinfo_process *out) must_check;

/* The same, for processes of this name. */
enum status process_named(struct process_list *l, const char *name,
    struct kinfo_process *out) must_check;

/*
 * What the slots of a node hold, behind its header in so many bytes; n: how many
 * records there are, as far as they can be believed. Kernel info in REG_T0.
 */
enum status node_slots(uint64_t node, struct kinfo_node *record, size_t bytes,
    unsigned *n) must_check;

#endif
