/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes to test with, on the fake machine: each is made of a node and a
 * page of its own and has 17 bits of address space, PAGES pages of which are
 * there. The test is the CPU: it sets registers and enters the kernel.
 */
#ifndef TESTSUITE_UNIT_KERNEL_OBJECT_SUPPORT_H
#define TESTSUITE_UNIT_KERNEL_OBJECT_SUPPORT_H

#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/invoke.h"
#include "kernel/hal/entry.h"
#include "kernel/object/cpu.h"
#include "kernel/object/deliver.h"
#include "kernel/object/message.h"
#include "kernel/object/notice.h"
#include "kernel/object/outside.h"
#include "kernel/object/record.h"
#include "kernel/object/ref.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/kernel/fake/fake.h"

enum {
	ACTIVITIES = 72,
	PAGES = 20, /* At address 0 of each process. */
	PRIORITY = 5,
};

extern const struct runner_test invoke_tests[], message_tests[],
    outside_tests[], record_tests[], process_tests[], failure_tests[],
    stale_tests[], order_tests[], pieces_tests[], content_tests[], leave_tests[],
    known_tests[], forward_tests[], loan_tests[], loan_string_tests[],
    memory_tests[], keeper_tests[], state_tests[], turn_tests[],
    ref_tests[], restart_tests[], deliver_tests[], waiter_tests[],
    fast_tests[], keep_tests[];

/* A machine with nothing on it. */
void start_machine(void);

/* As if there were a store, which never answers. */
void open_volume(void);

/* A process, available, from the frames at a position of a source. */
struct process make_process(enum oid_source source, uint64_t position);

/* A page that is in no process's space. */
struct frame *new_page(uint64_t number);

/*
 * A machine on which one process runs and another, its keeper, waits; gives a
 * page for the keeper to lend (D4).
 */
struct frame *borrower_and_keeper(
    struct process *borrower, struct process *keeper);

/* A page of its address space, in the direct map. */
uint8_t *page_of(const struct process *p, unsigned i);

struct cap start_cap(const struct process *p, unsigned data);
struct cap process_cap(const struct process *p);
struct cap notice_cap(const struct process *p, unsigned bit);

/* Make it run, and the loaded one; its activity. */
struct activity *run_process(struct process *p);

/* It waits, available, with this receive control, buffer and limit. */
void make_available(
    struct process *p, uint64_t receive, uint64_t at, uint32_t limit);

/* The loaded process invokes: how the kernel left. */
enum fake_exit invoke(uint64_t control, const uint64_t *words);

/* The same, until an order that is done in pieces (D3) is; and the number of them. */
unsigned invoke_pieces(uint64_t control, const uint64_t *words);

enum fake_exit invoke_string(
    uint64_t control, uint64_t word, uint64_t at, uint32_t bytes);

/* Other entries: how the kernel left. */
enum fake_exit dispatch(void);
enum fake_exit reenter(struct state_page *s); /* SYSCALL, as it stands. */
enum fake_exit raise_fault(struct state_page *s, enum fault_code code);
enum fake_exit raise_page_fault(
    struct state_page *s, uint64_t v, enum fault_access access);
enum fake_exit tick(struct state_page *s);

/* Does the CPU run this one? */
bool runs(const struct process *p);

/*
 * From now on the n-th thing that the kernel needs cannot be had, until that
 * was asked: was it asked? What waits for it is woken by fail_wake.
 */
enum { FAIL_KEY = 4711 };
void fail_nth(unsigned n);
bool fail_fired(void);
void fail_wake(void);

/* The same, and frames, fetches and writes of objects are among the things. */
void fail_nth_deep(unsigned n);

/* From now on the n-th frame that the kernel takes cannot be had, for good. */
void fail_memory(unsigned n);

/*
 * Open the persistent range, with credits for so many first writes; nobody
 * answers the requests in the ring. A frame that is clean needs one to be
 * written.
 */
void open_range(uint32_t credits);

/* The same of a volume whose record of what ran has so many pages. */
void open_range_of(uint32_t credits, uint32_t records);

/* Answer all requests so: how many; they and their answers are few. */
unsigned answer_requests(enum status st);
void make_clean(struct frame *f);

/* A frame, which can be written in this epoch. */
struct frame *make_frame(
    enum oid_source source, uint64_t position, enum frame_kind kind);

/*
 * The record of a snapshot of now, in its frames; as record_prepare, but for
 * ST_AGAIN.
 */
enum status record_whole(uint32_t *frames, uint32_t limit, uint32_t *n);

/* A node frame with data nodes, ephemeral. */
struct frame *make_node_frame(uint64_t position);

#endif
