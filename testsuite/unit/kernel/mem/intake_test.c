/* SPDX-License-Identifier: BSD-2-Clause */
/* Intake of node frames (D10, F6). */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"

enum { PAGES = 2048, BOOT = 7 };

static struct frame *f;
static uint64_t      number;

/* A well-formed persistent node frame of this boot, not yet taken in. */
static void
start(void)
{
	struct node_frame *n;

	fake_boot_reset();
	fake_start(PAGES);
	mem.boot = BOOT;
	number = frame_of(SOURCE_PERSISTENT, 12);
	next_entry();
	if (frame_alloc(CLASS_ANY, USE_BOUNCE, &f) != RC_OK)
		return;
	n = frame_nodes(f);
	n->header = (struct frame_header){
	    .magic = NODE_FRAME_MAGIC,
	    .boot = BOOT,
	    .oid = oid_make(number, OID_INDEX_FRAME).v,
	    .kind = FK_NODE,
	};
	for (unsigned i = 0; i < FRAME_NODES; i++)
		n->node[i].count = 4;
}

static bool
taken(void)
{
	return intake(f, number, 4);
}

static void
D10_headers(void)
{
	start();
	CU_ASSERT_TRUE(taken());
	frame_nodes(f)->header.magic++;
	CU_ASSERT_FALSE(taken());
	start();
	frame_nodes(f)->header.oid += 8;
	CU_ASSERT_FALSE(taken());
	start();
	frame_nodes(f)->header.kind = FK_PAGE;
	CU_ASSERT_FALSE(taken());
	start();
	frame_nodes(f)->node[6].count = 5; /* S8: beyond the map's. */
	CU_ASSERT_FALSE(taken());
	start();
	frame_nodes(f)->node[2].role = ROLE_COUNT + 1;
	CU_ASSERT_FALSE(taken());
}

/* Malformed capabilities become void; the rest of the frame stays. */
static void
D10_capabilities(void)
{
	oid page = oid_make(frame_of(SOURCE_PERSISTENT, 1), OID_INDEX_FRAME);
	oid node = oid_make(frame_of(SOURCE_PERSISTENT, 1), 3);

	start();
	*slot_of(f, 0, 1) = cap_make(CK_PAGE, CR_WEAK, 0, 1, page);
	*slot_of(f, 0, 2) = cap_make(CK_PAGE, 0, 0, 1, node);
	*slot_of(f, 0, 3) = cap_make(CK_NODE, 0, 16, 1, node);
	*slot_of(f, 0, 4) = cap_make(CK_NODE, 0, 16, 1, page);
	*slot_of(f, 0, 5) = cap_make(CK_PAGE, CR_ALL + 1, 0, 1, page);
	*slot_of(f, 0, 6) = cap_make(CK_VOID, 0, 0, 0, page);
	slot_of(f, 0, 6)->type = CK_COUNT;
	slot_of(f, 0, 7)->type = 255;
	*slot_of(f, 0, 8) = cap_number_make(~UINT64_C(0), UINT32_MAX);
	*slot_of(f, 0, 9) = cap_resume_make(
	    CK_RESUME, (UINT64_C(1) << 56) - 1, node);
	CU_ASSERT_TRUE(taken());
	CU_ASSERT_EQUAL(slot_of(f, 0, 1)->type, CK_PAGE);
	CU_ASSERT_EQUAL(slot_of(f, 0, 2)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_of(f, 0, 3)->type, CK_NODE);
	CU_ASSERT_EQUAL(slot_of(f, 0, 4)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_of(f, 0, 5)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_of(f, 0, 6)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_of(f, 0, 7)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_of(f, 0, 8)->word, ~UINT64_C(0));
	CU_ASSERT_EQUAL(
	    cap_call_number(slot_of(f, 0, 9)), (UINT64_C(1) << 56) - 1);
}

/* M1: hints from outside mean nothing; numbers are not hints. */
static void
D10_hints_are_cleared(void)
{
	oid page = oid_make(frame_of(SOURCE_PERSISTENT, 1), OID_INDEX_FRAME);

	start();
	*slot_of(f, 0, 1) = cap_make(CK_PAGE, 0, 0, 1, page);
	slot_of(f, 0, 1)->word |= UINT64_C(0xabcdef) << CAP_HINT_SHIFT;
	CU_ASSERT_TRUE(taken());
	CU_ASSERT_EQUAL(cap_hint(slot_of(f, 0, 1)), 0);
}

/* F6: what was of another boot says so; what outlives a boot stays. */
static void
F6_boot_number(void)
{
	struct cap kept[] = {
	    cap_make(CK_PAGE, 0, 0, 1,
		oid_make(frame_of(SOURCE_PERSISTENT, 1), OID_INDEX_FRAME)),
	    cap_make(CK_BOOTSVC, 0, 3, 0, (oid){0}),
	    cap_number_make(5, 6),
	    cap_make(CK_SCHEDULE, 0, 8, 0, (oid){0}),
	    cap_range_make(frame_of(SOURCE_PERSISTENT, 0), 100),
	    cap_make(CK_DISCRIM, 0, 0, 0, (oid){0}),
	};
	struct cap lost[] = {
	    cap_make(CK_PAGE, 0, 0, 1,
		oid_make(frame_of(SOURCE_EPHEMERAL, 1), OID_INDEX_FRAME)),
	    cap_make(CK_START, 0, 0, 1, oid_make(frame_of(SOURCE_BOOT, 1), 2)),
	    cap_resume_make(
		CK_RESUME, 77, oid_make(frame_of(SOURCE_BOOT, 1), 2)),
	    cap_make(
		CK_IRQ, 0, 0, 1, oid_make(frame_of(SOURCE_PHYSICAL, 1), 0)),
	    cap_range_make(frame_of(SOURCE_EPHEMERAL, 0), 100),
	    cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0}),
	};
	unsigned n = sizeof(kept) / sizeof(kept[0]);

	for (uint32_t boot = BOOT - 1; boot <= BOOT; boot++) {
		start();
		frame_nodes(f)->header.boot = boot;
		for (unsigned i = 0; i < n; i++)
			*slot_of(f, 1, i) = kept[i];
		for (unsigned i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
			*slot_of(f, 2, i) = lost[i];
		CU_ASSERT_TRUE(taken());
		for (unsigned i = 0; i < n; i++)
			CU_ASSERT_EQUAL(memcmp(slot_of(f, 1, i), &kept[i],
					    sizeof(struct cap)),
			    0);
		for (unsigned i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
			struct cap *c = slot_of(f, 2, i);

			if (boot == BOOT) {
				CU_ASSERT_EQUAL(c->type, lost[i].type);
				continue;
			}
			CU_ASSERT_EQUAL(c->type, CK_RESTARTED);
			CU_ASSERT_EQUAL(c->data, lost[i].type);
		}
	}
}

/* F3, F5: what a process node may say of itself. */
static void
F3_process_nodes(void)
{
	start();
	frame_nodes(f)->node[1].role = ROLE_PROCESS;
	frame_nodes(f)->node[1].flags = PF_RESIDENT | PF_RESERVE;
	*slot_of(f, 1, 0) = cap_number_make(1, 1);
	*slot_of(f, 1, SLOT_STATE) = cap_make(CK_PAGE, 0, 0, 1,
	    oid_make(frame_of(SOURCE_PERSISTENT, 3), OID_INDEX_FRAME));
	frame_nodes(f)->node[2].flags = PF_RESERVE;
	CU_ASSERT_TRUE(taken());
	CU_ASSERT_EQUAL(slot_of(f, 1, 0)->type, CK_VOID);
	CU_ASSERT_EQUAL(frame_nodes(f)->node[1].flags, PF_RESERVE);
	CU_ASSERT_EQUAL(frame_nodes(f)->node[2].flags, 0);
	*slot_of(f, 1, SLOT_STATE) = cap_number_make(1, 1);
	CU_ASSERT_FALSE(taken());
}

/* F6: a state page of an earlier boot is gone; the other nodes are not. */
static void
F6_state_page_of_another_boot(void)
{
	start();
	frame_nodes(f)->header.boot = BOOT - 1;
	frame_nodes(f)->node[1].role = ROLE_PROCESS;
	*slot_of(f, 1, SLOT_STATE) = cap_make(CK_PAGE, 0, 0, 1,
	    oid_make(frame_of(SOURCE_EPHEMERAL, 3), OID_INDEX_FRAME));
	*slot_of(f, 2, 5) = cap_number_make(7, 7);
	CU_ASSERT_TRUE(taken());
	CU_ASSERT_EQUAL(slot_of(f, 1, SLOT_STATE)->type, CK_RESTARTED);
	CU_ASSERT_EQUAL(slot_of(f, 2, 5)->type, CK_NUMBER);
}

/* The store delivers nonsense: the object is lost, not believed. */
static void
D10_bad_frame_is_lost(void)
{
	struct frame *got;

	fake_boot_reset();
	fake_start(PAGES);
	store_start(100);
	store.object[9].kind = FK_NODE;
	CU_ASSERT_PTR_NULL(fetch(9));
	next_entry();
	CU_ASSERT_EQUAL(
	    object_fetch(frame_of(SOURCE_PERSISTENT, 9), &got), RC_MEDIA);
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test intake_tests[] = {
    RUNNER_TEST(D10_headers),
    RUNNER_TEST(D10_capabilities),
    RUNNER_TEST(D10_hints_are_cleared),
    RUNNER_TEST(F6_boot_number),
    RUNNER_TEST(F3_process_nodes),
    RUNNER_TEST(F6_state_page_of_another_boot),
    RUNNER_TEST(D10_bad_frame_is_lost),
    {NULL, NULL},
};
