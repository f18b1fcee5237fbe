/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pager ring, one direction: the kernel produces, in one step, and rings;
 * the store consumes, access by access, and waits for the doorbell's notice.
 * (The other direction is the same with the parts exchanged: the store's
 * accesses come one by one, and its invocation is the doorbell.)
 */
#include "testsuite/unit/kernel/model/explore.h"

enum { PLACES = 2, ENTRIES = 5 };

enum pc {
	READ_HEAD,
	READ_ENTRY,
	WRITE_TAIL,
	WAIT, /* Looks at the notice: in the kernel, in one step. */
	ASLEEP,
};

struct ring {
	uint8_t entry[PLACES];
	uint8_t head, tail; /* Shared. */
	uint8_t seen;       /* The store's copy of head. */
	uint8_t taken;      /* The entry it has read. */
	uint8_t next;       /* The entry that it must get next, from 1. */
	uint8_t pc;
	uint8_t bell, wrong;
	uint8_t half; /* The producer is between entry and head. */
};

static enum {
	RIGHT,
	HEAD_FIRST,  /* Published before the entry is there. */
	TAIL_FIRST,  /* Given back before it was read. */
	LAZY, /* Rings only if the ring was empty, and waits without a last look. */
} bug;

static bool
produce(struct ring *r)
{
	const uint8_t place = r->head % PLACES;

	if (r->half) { /* HEAD_FIRST: now the entry. */
		r->entry[(r->head - 1) % PLACES] = r->head;
		r->half = 0;
		r->bell = 1;
		return true;
	}
	if (r->head == ENTRIES || r->head - r->tail == PLACES)
		return false;
	if (bug == HEAD_FIRST) {
		r->head++;
		r->half = 1;
		return true;
	}
	r->entry[place] = r->head + 1;
	if (bug != LAZY || r->tail == r->head)
		r->bell = 1;
	r->head++;
	return true;
}

static void
got(struct ring *r, uint8_t entry)
{
	if (entry != r->next)
		r->wrong = 1;
	r->next++;
}

static bool
consume(struct ring *r)
{
	switch (r->pc) {
	case READ_HEAD:
		r->seen = r->head;
		r->pc = r->seen == r->tail ? WAIT : READ_ENTRY;
		return true;
	case READ_ENTRY:
		if (bug == TAIL_FIRST) {
			r->tail++;
			r->pc = WRITE_TAIL;
			return true;
		}
		r->taken = r->entry[r->tail % PLACES];
		r->pc = WRITE_TAIL;
		return true;
	case WRITE_TAIL:
		if (bug == TAIL_FIRST) {
			got(r, r->entry[(r->tail - 1) % PLACES]);
		} else {
			got(r, r->taken);
			r->tail++;
		}
		r->pc = r->seen != r->tail ? READ_ENTRY
		    : bug == LAZY          ? ASLEEP
					   : READ_HEAD;
		return true;
	case WAIT:
		r->pc = ASLEEP;
		return true;
	default: /* Asleep: the notice wakes it, also one from before. */
		if (!r->bell)
			return false;
		r->bell = 0;
		r->pc = READ_HEAD;
		return true;
	}
}

static bool
step(const union state *s, unsigned i, union state *to)
{
	*to = *s;
	return i == 0 ? produce((struct ring *)(void *)to->bytes)
		      : consume((struct ring *)(void *)to->bytes);
}

/* Each entry once and in order; and all of them in the end. */
static bool
good(const union state *s, bool last)
{
	const struct ring *r = (const struct ring *)(const void *)s->bytes;

	return !r->wrong && (!last || r->next == ENTRIES + 1);
}

static const struct machine machine = {2, step, good};

static struct explored
run(int with)
{
	union state first = {.bytes = {0}};

	((struct ring *)(void *)first.bytes)->next = 1;
	bug = with;
	return explore(&machine, &first);
}

/* S8: in every interleaving, each request arrives once, in order. */
static void
S8_every_entry_arrives(void)
{
	const struct explored e = run(RIGHT);

	CU_ASSERT_TRUE(e.good);
	CU_ASSERT(e.last >= 1);
	CU_ASSERT(e.states > 50);
}

static void
S8_seeded_bugs_are_caught(void)
{
	CU_ASSERT_FALSE(run(HEAD_FIRST).good);
	CU_ASSERT_FALSE(run(TAIL_FIRST).good);
	CU_ASSERT_FALSE(run(LAZY).good);
}

const struct runner_test ring_tests[] = {
    RUNNER_TEST(S8_every_entry_arrives),
    RUNNER_TEST(S8_seeded_bugs_are_caught),
    {NULL, NULL},
};
