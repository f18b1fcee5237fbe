/* SPDX-License-Identifier: BSD-2-Clause */
/* What the unit tests of kernel/mem share. */
#ifndef TESTSUITE_UNIT_KERNEL_MEM_SUPPORT_H
#define TESTSUITE_UNIT_KERNEL_MEM_SUPPORT_H

#include <CUnit/CUnit.h>

#include "kernel/mem/map.h"
#include "kernel/mem/object.h"
#include "kernel/mem/resolve.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/kernel/fake/fake.h"

extern const struct runner_test frame_tests[], resolve_tests[], map_tests[],
    flush_tests[], model_tests[], epoch_tests[], pager_tests[], intake_tests[],
    failure_tests[], cache_tests[], hit_tests[], many_tests[], vain_tests[];

/* Begin another kernel entry: nothing is held any more. */
static inline void
next_entry(void)
{
	mem.entry++;
}

/* --- A process's space ---------------------------------------------------- */

struct space {
	struct cap       root;
	struct frame    *state; /* An ephemeral state frame. */
	struct map_space map;
};

/* A space with this root; its state frame is made. */
void space_make(struct space *s, struct cap root);

/* Load, then access as the CPU would, serving faults: the physical address. */
enum reached { REACHED, FAULTED, STUCK, WAITED };
struct reach {
	enum reached     how;
	uint64_t         physical;
	struct map_fault fault;
	unsigned         served; /* Faults on the way. */
};
struct reach space_access(struct space *s, uint64_t v, enum fault_access a);
extern unsigned hits_seen; /* By how often the short way was taken. */
extern unsigned faults_seen; /* And how often it knew of a fault. */

/* --- Ephemeral objects ---------------------------------------------------- */

struct frame *make_page(uint64_t position);
struct frame *make_nodes(uint64_t position);
struct cap   *slot_of(struct frame *nodes, unsigned node, unsigned slot);
struct cap    page_cap(const struct frame *f, unsigned rights);
struct cap    node_cap(
       const struct frame *f, unsigned node, unsigned span, unsigned rights);
struct cap guard_cap(
    const struct frame *f, unsigned node, unsigned span, unsigned rights);

/* Does every frame and table obey its invariants? */
bool all_ok(void);

/* --- Things that kernel/device and kernel/object supply ------------------- */

extern bool     mmio_alive;
extern unsigned moves;
extern unsigned restart_pages;
extern bool     restart_ended;
extern uint64_t restart_call_number;

/* --- A store at the other end of the ring --------------------------------- */

struct pager_request;
struct pager_completion;

enum { STORE_OBJECTS = 65536 };

struct stored {
	uint8_t  kind;
	bool     charged; /* In the working epoch. */
	uint32_t count;
	uint8_t *content; /* Or NULL. */

	/* First words: in the frozen or last generation, in the working one. */
	uint64_t generation_value, working_value;
	bool     in_working;
};

struct fake_store {
	uint32_t      request_tail, completion_head;
	struct stored object[STORE_OBJECTS]; /* Working. */
	unsigned      bells;
	unsigned      fetches, stats, cleans, drops, snapshots, barriers;
	uint64_t      open_epoch;
	uint64_t      snapshot_epoch, barrier_tag, barrier_epoch;
	uint32_t      records;
	uint32_t      credits;
	/* Behaviour. */
	enum status   fail_fetch, fail_clean, fail_drop;
	bool          hold; /* Take requests, answer none. */
	bool          hold_barrier;
	unsigned      nheld;
};
extern struct fake_store store;

/* Bind the ring and open the persistent range, with so many credits. */
void store_start(uint32_t credits);

/* The same with a record of so many pages, which it does not answer for. */
void store_start_records(uint32_t records);

/* Take requests and answer them; true: there were some. */
bool store_run(void);

/* Put one completion into the ring, unseen; store_kick makes it seen. */
void        store_put(const struct pager_completion *c);
void        store_publish(void); /* Seen, but not rung. */
enum status store_kick(void);

/* The next request, not yet answered. */
bool store_next(struct pager_request *out);

/* Answer one as it should be. */
void store_answer(const struct pager_request *r);

/* Run the store until an object is there. */
struct frame *fetch(uint64_t position);

/* Fetch, then make writable: as an invocation that is retried would. */
struct frame *fetch_write(uint64_t position);

/* Free a whole frame, waiting as an invocation would. */
bool free_object(uint64_t number);

/* The same, made a page if it was not one. */
struct frame *write_page(uint64_t position);

#endif
