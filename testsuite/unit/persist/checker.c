/* SPDX-License-Identifier: BSD-2-Clause */
/* The checker: what was freed is told from what is damaged (F3, S8). */
#include "testsuite/unit/persist/rig.h"

#include "kernel/abi/process.h"
#include "persist/format/record.h"
#include "persist/tools/audit.h"
#include "testsuite/runner/runner.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

extern const struct runner_test checker_tests[];

enum { NODE = 1, STATE = 2, COUNT = 3, BLOCKS = 512 };

static void
clean(struct rig *r, uint64_t n, enum frame_kind kind, uint32_t count,
    const void *content)
{
	uint64_t f = r->tag % RIG_FRAMES;

	memcpy(r->frame[f], content, PAGE_SIZE);
	CU_ASSERT_EQUAL(rig_ask(r,
			    (struct pager_request){.op = PAGER_CLEAN,
				.oid = oid_make(frame_of(SOURCE_PERSISTENT, n),
				    OID_INDEX_FRAME)
					   .v,
				.kind = (uint8_t)kind,
				.count = count,
				.epoch = r->epoch,
				.frame = f}),
	    RC_OK);
}

/* The frame of a process whose node has this count, and its state page's. */
static void
put_node(struct rig *r, uint32_t count, uint32_t state_count)
{
	static struct node_frame n;
	const uint64_t           frame = frame_of(SOURCE_PERSISTENT, NODE);

	memset(&n, 0, sizeof(n));
	n.header.magic = NODE_FRAME_MAGIC;
	n.header.kind = FK_NODE;
	n.header.oid = oid_make(frame, OID_INDEX_FRAME).v;
	n.node[0].count = count;
	n.node[0].role = ROLE_PROCESS;
	n.slot[0][SLOT_STATE] = cap_make(CK_PAGE, 0, 0, state_count,
	    oid_make(frame_of(SOURCE_PERSISTENT, STATE), OID_INDEX_FRAME));
	clean(r, NODE, FK_NODE, COUNT, &n);
}

static void
put_state(struct rig *r, uint32_t node_count)
{
	static struct state_page s;

	memset(&s, 0, sizeof(s));
	s.node_oid = oid_make(frame_of(SOURCE_PERSISTENT, NODE), 0).v;
	s.node_count = node_count;
	clean(r, STATE, FK_STATE, COUNT, &s);
}

static void
make(struct rig *r)
{
	rig_make(r, BLOCKS, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(r), RC_OK);
	put_node(r, COUNT, COUNT);
	put_state(r, COUNT);
}

/* A commit with a running list: the process, of this count. */
static void
commit_running(struct rig *r, uint32_t count)
{
	static struct record_entry page[RECORD_ENTRIES];

	page[0] = (struct record_entry){
	    .oid = RECORD_MAGIC, .kind = RECORD_HEADER};
	page[1] = (struct record_entry){
	    .oid = oid_make(frame_of(SOURCE_PERSISTENT, NODE), 0).v,
	    .count = count,
	    .kind = RECORD_RUNNING};
	CU_ASSERT_EQUAL(rig_ask(r,
			    (struct pager_request){.op = PAGER_SNAPSHOT,
				.epoch = r->epoch++,
				.word = {99, 1, 1234}}),
	    RC_OK);
	memcpy(r->frame[0], page, PAGE_SIZE);
	CU_ASSERT_EQUAL(rig_ask(r,
			    (struct pager_request){.op = PAGER_CLEAN,
				.oid = pager_record_oid(0).v,
				.kind = FK_PAGE,
				.epoch = r->epoch - 1,
				.frame = 0}),
	    RC_OK);
	CU_ASSERT_EQUAL(rig_barrier(r), RC_OK);
}

/* Asks the checker; the volume is gone after it. */
static void
finds_committed(struct rig *r, unsigned problems, unsigned remarks)
{
	static struct use use[BLOCKS];
	struct reader     reader;
	struct audit      a = {.r = &reader, .use = use, .quiet = true};
	const char       *why;

	CU_ASSERT_FATAL(reader_open_memory(
	    &reader, "rig", r->disk, r->blocks * BLOCK_SIZE, &why));
	memset(use, 0, sizeof(use));
	audit_space(&a);
	CU_ASSERT_EQUAL(a.problems, 0);
	audit_objects(&a, reader_newest(&reader));
	CU_ASSERT_EQUAL(a.problems, problems);
	CU_ASSERT_EQUAL(a.remarks, remarks);
	rig_free(r);
}

static void
finds(struct rig *r, unsigned problems, unsigned remarks)
{
	CU_ASSERT_EQUAL(rig_commit(r), RC_OK);
	finds_committed(r, problems, remarks);
}

/* F3: of a process and its state page, one was freed and the other stayed. */
static void
F3_freed_half_is_no_damage(void)
{
	struct rig r;

	make(&r);
	finds(&r, 0, 0);
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, STATE, COUNT + 1), RC_OK);
	finds(&r, 0, 1);
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, NODE, COUNT + 1), RC_OK);
	finds(&r, 0, 1);
	/* The node is something else by now. */
	make(&r);
	put_state(&r, COUNT - 1);
	CU_ASSERT_EQUAL(rig_drop(&r, NODE, COUNT + 1), RC_OK);
	finds(&r, 0, 1);
}

/* F3: the counts say that neither was freed: then it is damage. */
static void
F3_wrong_half_is_damage(void)
{
	struct rig r;

	/* Each names a count that the other never had. */
	make(&r);
	put_state(&r, COUNT + 1);
	finds(&r, 2, 0);
	make(&r);
	put_node(&r, COUNT, COUNT + 1);
	finds(&r, 3, 0); /* It also comes from the future. */
	/* Gone, with the count they had. */
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, NODE, COUNT), RC_OK);
	finds(&r, 1, 0);
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, STATE, COUNT), RC_OK);
	finds(&r, 1, 0);
}

/* S2: what runs may be freed, frame and all, and its entry not know it. */
static void
S2_freed_entry_is_no_damage(void)
{
	struct rig r;

	make(&r);
	commit_running(&r, COUNT);
	finds_committed(&r, 0, 0);
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, NODE, COUNT + 1), RC_OK);
	commit_running(&r, COUNT);
	finds_committed(&r, 0, 2); /* The state page's, too. */
	/* Of a count that it never had, or without ever having been. */
	make(&r);
	commit_running(&r, COUNT + 1);
	finds_committed(&r, 1, 0);
	make(&r);
	CU_ASSERT_EQUAL(rig_drop(&r, NODE, COUNT + 1), RC_OK);
	commit_running(&r, COUNT + 1);
	finds_committed(&r, 1, 1);
}

const struct runner_test checker_tests[] = {
    RUNNER_TEST(F3_freed_half_is_no_damage),
    RUNNER_TEST(F3_wrong_half_is_damage),
    RUNNER_TEST(S2_freed_entry_is_no_damage),
    {NULL, NULL},
};
