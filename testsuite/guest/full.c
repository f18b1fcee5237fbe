/* SPDX-License-Identifier: BSD-2-Clause */
/* When memory or a table is full: an error, and all goes on. */
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static uint64_t
free_frames(void)
{
	uint64_t n = 0;

	extra(X_KINFO, R_RT);
	OK(kinfo_memory(R_RT, NULL, &n, NULL, NULL));
	return n;
}

/* Pages from the range in A until there are no more; how many. */
static uint64_t
use_up(void)
{
	enum status st;
	uint64_t    n = 0;

	extra(X_ALL_FRAMES, A);
	while ((st = range_page(A, n, B)) == RC_OK)
		n++;
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK(n > 1000);
	return n;
}

static void
give_back(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (range_free(A, i) != RC_OK)
			CHECK(!"range.free");
}

void
test_full_memory(void)
{
	uint64_t before = free_frames(), n = use_up();

	CHECK_IS(range_page(A, n, B), RC_NO_MEMORY);
	CHECK_IS(range_node(A, n, 0, B), RC_NO_MEMORY);
	CHECK_IS(kind_of(B), CK_VOID);
	/* What is there can be used. */
	OK(range_page(A, n - 1, B));
	OK(page_write(B, 0, "x", 1));
	/* One comes free: there is one. */
	OK(range_free(A, 0));
	OK(range_node(A, n, 3, B));
	OK(node_swap(B, 0, R_SELF, 0));
	CHECK_IS(range_page(A, 0, B), RC_NO_MEMORY);
	OK(range_free(A, n));
	give_back(n);
	CHECK(free_frames() + 64 > before);
}

static void
touch_all(uint64_t at)
{
	for (unsigned i = 0; i < 16; i++)
		board[i] = *(volatile uint8_t *)(uintptr_t)(at +
		    ((uint64_t)i << WINDOW_SHIFT));
	board[1] = 1;
}

/* Mapping tables are taken from one another: processes go on running. */
void
test_full_memory_calls(void)
{
	uint64_t n;

	new_page(C);
	for (unsigned i = 0; i < WINDOWS; i++)
		map_window(i, C);
	peer_new(D, touch_all, (uintptr_t)window(0), PRIORITY_HIGH);
	OK(process_get(R_SELF, SLOT_SPACE, E));
	new_node(F);
	OK(node_segment(F, 32, F));
	OK(node_copy(F, E));
	peer_give(D, SLOT_SPACE, F);
	peer_spawn(G, echo_server, 0, PRIORITY_HIGH);
	start_of(G, 0, H);
	n = use_up();
	peer_start(D); /* Its tables do not exist yet. */
	CHECK_IS(peer_fault(D), FAULT_NONE);
	CHECK_IS(board[1], 1);
	map_window(4, 0);
	map_window(4, C);
	*(volatile uint8_t *)window(4) = 1;
	for (uint64_t i = 0; i < 20; i++)
		CHECK_IS(call1(H, i), i);
	extra(X_ALL_FRAMES, A);
	give_back(n);
}

/* S2: no activity is left for one more process with notices. */
void
test_full_activities_S2(void)
{
	enum status st = RC_OK;
	uint64_t    n = 0;

	extra(X_ALL_FRAMES, A);
	peer_spawn(G, echo_server, 0, PRIORITY_HIGH);
	start_of(G, 0, H);
	/* Frame 8 k holds nodes, the seven behind it their pages. */
	for (; st == RC_OK; n++) {
		OK(range_node(A, n / 7 * 8, n % 7, B));
		OK(range_page(A, n / 7 * 8 + 1 + n % 7, C));
		OK(node_make_process(B, C, B));
		st = process_make_notice(B, 0, C);
		if (check_failed())
			return;
	}
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK(n > 500);
	/* Calls need none. */
	CHECK_IS(call1(H, 5), 5);
	CHECK_IS(peer_state(B), PS_AVAILABLE);
	OK(range_rescind(A, 0, 0));
	OK(process_make_notice(B, 0, C));
	for (uint64_t i = 0; i < n + 8; i++)
		OK(range_free(A, i / 7 * 8 + i % 7));
	for (uint64_t i = 0; i < n / 7 * 8 + 8; i++)
		OK(range_free(A, i));
	CHECK_IS(kind_of(B), CK_VOID);
}
