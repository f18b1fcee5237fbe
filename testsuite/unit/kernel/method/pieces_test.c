/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders that take mappings at very many places away, in pieces (D3). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/mem/map.h"

enum { AT = 3 }; /* The node that is invoked. */

static struct frame *nodes, *page;

static void
begin(void)
{
	start_client();
	nodes = node_frame(SOURCE_EPHEMERAL, 5000);
	page = page_frame(SOURCE_EPHEMERAL, 5001);
}

/* D3: a page that is mapped at many places becomes a process's in pieces. */
static void
D3_state_page_in_pieces(void)
{
	begin();
	map_widely(page_to(page, 0), PAGE_SHIFT, 1);
	CU_ASSERT_EQUAL(ASK_WITH(node_to(nodes, AT, 0), page_to(page, 0),
			    NODE_MAKE_PROCESS),
	    ST_WAIT);
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
	CU_ASSERT_EQUAL(frame_nodes(nodes)->node[AT].role, ROLE_DATA);
	CU_ASSERT_TRUE(map_ok());
	while (ask_rest() == ST_WAIT)
		CU_ASSERT_EQUAL(page->kind, FK_PAGE);
	CU_ASSERT_EQUAL(page->kind, FK_STATE);
	CU_ASSERT_TRUE(map_ok());
}

/* D3: the same of a node whose role changes, and of one that is cleared. */
static void
D3_node_in_pieces(void)
{
	static const uint64_t order[] = {NODE_MAKE_FORWARDER, NODE_CLEAR};

	for (unsigned i = 0; i < 2; i++) {
		struct cap c;

		begin();
		for (unsigned k = 0; k < NODE_SLOTS; k++)
			frame_nodes(nodes)->slot[AT][k] = page_to(page, 0);
		c = node_to(nodes, AT, 0);
		map_widely(c, 17, NODE_SLOTS);
		CU_ASSERT_EQUAL(ASK(c, order[i]), ST_WAIT);
		CU_ASSERT_EQUAL(frame_nodes(nodes)->slot[AT]->type, CK_PAGE);
		CU_ASSERT_TRUE(map_ok());
		for (int k = 0; k < 100 && ask_rest() == ST_WAIT; k++)
			CU_ASSERT_EQUAL(frame_nodes(nodes)->slot[AT]->type, CK_PAGE);
		CU_ASSERT_EQUAL(frame_nodes(nodes)->slot[AT]->type, CK_VOID);
		CU_ASSERT_TRUE(map_ok());
	}
}

const struct runner_test pieces_tests[] = {
    RUNNER_TEST(D3_state_page_in_pieces),
    RUNNER_TEST(D3_node_in_pieces),
    {NULL, NULL},
};
