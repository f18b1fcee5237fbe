/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Call numbers (F1): two nodes in which processes live, die and are made anew;
 * servers that keep the resume capabilities they get as long as they like;
 * snapshots and restarts. A capability must answer the call for which it was
 * made, in the life of the machine that made it or one that continues it, and
 * no other.
 */
#include "testsuite/unit/kernel/model/explore.h"

enum { NODES = 2, CAPS = 4, CALLS = 5, STEPS_MOST = 9 };

struct cap {
	uint8_t node, number;
	uint8_t call; /* Which call it is, ever; 0: none. */
};

struct world {
	struct {
		uint8_t waits, number, call;
	} node[NODES];
	struct cap cap[CAPS];
	uint8_t    number;
};

struct calls {
	struct world now, saved;
	uint8_t      calls; /* Made ever: these are never the same. */
	uint8_t      steps, wrong;
};

_Static_assert(sizeof(struct calls) <= STATE_BYTES, "a state");

static enum {
	RIGHT,
	NUMBER_OF_NODE, /* Counted in the state page: anew with the process. */
	NOT_SAVED,      /* A restart begins again at 0. */
	NOT_CHECKED     /* Whoever waits is answered. */
} bug;

static bool
call(struct calls *c, unsigned i)
{
	struct world *w = &c->now;
	uint8_t       number;

	if (w->node[i].waits || c->calls == CALLS)
		return false;
	number = bug == NUMBER_OF_NODE ? ++w->node[i].number : ++w->number;
	w->node[i].waits = 1;
	w->node[i].number = number;
	w->node[i].call = ++c->calls;
	for (unsigned k = 0; k < CAPS; k++)
		if (w->cap[k].call == 0) {
			w->cap[k] = (struct cap){
			    (uint8_t)i, number, w->node[i].call};
			return true;
		}
	return false;
}

/* Somebody uses a capability, which may be as old as it likes. */
static bool
answer(struct calls *c, unsigned k)
{
	struct world     *w = &c->now;
	const struct cap *r = &w->cap[k];

	if (r->call == 0 || !w->node[r->node].waits)
		return false;
	if (w->node[r->node].number != r->number && bug != NOT_CHECKED)
		return false; /* It is void. */
	if (w->node[r->node].call != r->call)
		c->wrong = 1;
	w->node[r->node].waits = 0;
	return true;
}

/* The process is destroyed, and another is made of the node. */
static bool
rebuild(struct calls *c, unsigned i)
{
	c->now.node[i].waits = 0;
	c->now.node[i].call = 0;
	c->now.node[i].number = 0;
	return true;
}

static bool
restart(struct calls *c)
{
	c->now = c->saved;
	if (bug == NOT_SAVED)
		c->now.number = 0;
	return true;
}

static bool
step(const union state *s, unsigned i, union state *to)
{
	struct calls *c = (struct calls *)(void *)to->bytes;

	*to = *s;
	if (c->steps == STEPS_MOST)
		return false;
	c->steps++;
	if (i < NODES)
		return call(c, i);
	i -= NODES;
	if (i < CAPS)
		return answer(c, i);
	i -= CAPS;
	if (i < NODES)
		return rebuild(c, i);
	if (i == NODES) {
		c->saved = c->now;
		return true;
	}
	return restart(c);
}

static bool
good(const union state *s, bool last)
{
	(void)last;
	return !((const struct calls *)(const void *)s->bytes)->wrong;
}

static const struct machine machine = {NODES + CAPS + NODES + 2, step, good};

static struct explored
look(int with)
{
	union state first = {.bytes = {0}};

	bug = with;
	return explore(&machine, &first);
}

/* F1: an old capability never answers a new call. */
static void
F1_no_answer_to_another_call(void)
{
	const struct explored e = look(RIGHT);

	CU_ASSERT_TRUE(e.good);
	CU_ASSERT(e.states > 1000);
}

static void
F1_seeded_bugs_are_caught(void)
{
	CU_ASSERT_FALSE(look(NUMBER_OF_NODE).good);
	CU_ASSERT_FALSE(look(NOT_SAVED).good);
	CU_ASSERT_FALSE(look(NOT_CHECKED).good);
}

const struct runner_test call_tests[] = {
    RUNNER_TEST(F1_no_answer_to_another_call),
    RUNNER_TEST(F1_seeded_bugs_are_caught),
    {NULL, NULL},
};
