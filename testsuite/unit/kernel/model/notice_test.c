/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices: two posters, each with a bit of its own and several things to tell;
 * one process that takes the word, does what the bits stand for, and becomes
 * available. Its state page may be on disk: the bits stand in its activity
 * until it is loaded (F5).
 */
#include "testsuite/unit/kernel/model/explore.h"

enum { POSTERS = 2, POSTS = 3 };

enum pc { WORK_0, WORK_1, RETURN, LOOKED, AVAILABLE, LOADING };

struct notices {
	uint8_t posted[POSTERS]; /* Things there are to be done, ever. */
	uint8_t done[POSTERS];   /* Of those, what the process has seen. */
	uint8_t core;            /* Bits in the activity. */
	uint8_t taken;           /* Bits that its message has brought. */
	uint8_t pc;
	uint8_t paged_out;
};

static enum {
	RIGHT,
	LOOK_THEN_WAIT, /* Pending is looked at before it is available. */
	CLEAR_AFTER,    /* The word is cleared after the work, not before. */
	LOST_ON_DISK    /* A notice to a process on disk is dropped. */
} bug;

static bool
post(struct notices *n, unsigned i)
{
	if (n->posted[i] == POSTS)
		return false;
	n->posted[i]++;
	if (bug == LOST_ON_DISK && n->paged_out)
		return true;
	n->core |= (uint8_t)(1u << i);
	if (n->pc == AVAILABLE)
		n->pc = LOADING;
	return true;
}

static void
work(struct notices *n, unsigned i)
{
	if (n->taken >> i & 1)
		n->done[i] = n->posted[i];
}

static void
become_available(struct notices *n)
{
	n->pc = n->core != 0 && bug != LOOK_THEN_WAIT ? LOADING : AVAILABLE;
}

static bool
run(struct notices *n)
{
	switch (n->pc) {
	case WORK_0:
		work(n, 0);
		n->pc = WORK_1;
		return true;
	case WORK_1:
		work(n, 1);
		if (bug == CLEAR_AFTER)
			n->core = 0;
		n->pc = RETURN;
		return true;
	case RETURN:
		if (bug != LOOK_THEN_WAIT) {
			become_available(n);
			return true;
		}
		n->pc = n->core != 0 ? LOADING : LOOKED;
		return true;
	case LOOKED:
		become_available(n);
		return true;
	case LOADING: /* The dispatcher, in one step. */
		n->paged_out = 0;
		n->taken = n->core;
		if (bug != CLEAR_AFTER)
			n->core = 0;
		n->pc = WORK_0;
		return true;
	default:
		return false;
	}
}

static bool
page_out(struct notices *n)
{
	if (n->paged_out || (n->pc != AVAILABLE && n->pc != LOADING))
		return false;
	n->paged_out = 1;
	return true;
}

static bool
step(const union state *s, unsigned i, union state *to)
{
	struct notices *n = (struct notices *)(void *)to->bytes;

	*to = *s;
	if (i < POSTERS)
		return post(n, i);
	return i == POSTERS ? run(n) : page_out(n);
}

/* In the end everything that was told has been seen. */
static bool
good(const union state *s, bool last)
{
	const struct notices *n = (const struct notices *)(const void *)
				      s->bytes;

	for (unsigned i = 0; last && i < POSTERS; i++)
		if (n->done[i] != POSTS)
			return false;
	return true;
}

static const struct machine machine = {POSTERS + 2, step, good};

static struct explored
look(int with)
{
	union state first = {.bytes = {0}};

	((struct notices *)(void *)first.bytes)->pc = AVAILABLE;
	bug = with;
	return explore(&machine, &first);
}

/* F5, S2: in every interleaving, nothing that was posted is forgotten. */
static void
F5_no_notice_is_lost(void)
{
	const struct explored e = look(RIGHT);

	CU_ASSERT_TRUE(e.good);
	CU_ASSERT(e.last >= 1);
	CU_ASSERT(e.states > 100);
}

static void
F5_seeded_bugs_are_caught(void)
{
	CU_ASSERT_FALSE(look(LOOK_THEN_WAIT).good);
	CU_ASSERT_FALSE(look(CLEAR_AFTER).good);
	CU_ASSERT_FALSE(look(LOST_ON_DISK).good);
}

const struct runner_test notice_tests[] = {
    RUNNER_TEST(F5_no_notice_is_lost),
    RUNNER_TEST(F5_seeded_bugs_are_caught),
    {NULL, NULL},
};
