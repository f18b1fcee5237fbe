/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the fake kernel: what it knows of objects, requests, epochs. */
#ifndef TESTSUITE_FAULT_STORE_KERNEL_H
#define TESTSUITE_FAULT_STORE_KERNEL_H

#include "testsuite/fault/store/sim.h"

enum { REQUESTS = 24, GIVE_UP = 12 };

struct object {
	struct object_state now;    /* What a program would see. */
	struct object_state frozen; /* What the frozen epoch has to write. */
	bool                resident, dirty, charged, frozen_dirty;
	bool                open[2]; /* A change, by epoch & 1. */
	bool                reading;
};

struct open_request {
	bool                 busy;
	struct pager_request r;
	uint64_t             version;
};

struct kernel {
	struct store          *s;
	struct disk           *d;
	const struct sim_plan *p;
	struct sim_random      random;
	struct object          object[SIM_OBJECTS];
	struct open_request    open[REQUESTS + 1];
	uint32_t               nopen;
	uint64_t               epoch, version, tag;
	uint32_t               credits, next, reserve, used, waiting;
	uint32_t               sellable;
	bool                   ready, taking, barrier_sent;
	uint32_t               record_left, record_pages, tries;
	uint64_t               record;
	struct snapshot_state  snapshot[SIM_SNAPSHOTS];
	uint32_t               snapshots;
	uint64_t               next_id, acked, commits, refused, idle;
	uint32_t               sweep;
	const char            *wrong;
	char                   message[200];
};

#define WRONG(k, ...)                                               \
	(snprintf((k)->message, sizeof((k)->message), __VA_ARGS__), \
	    (k)->wrong = (k)->message)

/* answer.c: what a completion means. */
void kernel_answer(struct kernel *k, const struct pager_completion *c);

#endif
