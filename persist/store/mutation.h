/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Seeded bugs: the crash simulator must catch each of them (testsuite/fault/
 * store). In every other build `mutated` is false and leaves no code.
 */
#ifndef PERSIST_STORE_MUTATION_H
#define PERSIST_STORE_MUTATION_H

#include <stdbool.h>

enum store_mutation {
	MUTATE_NOTHING,
	MUTATE_NO_FIRST_FLUSH,
	MUTATE_NO_SECOND_FLUSH,
	MUTATE_SUPER_FIRST,  /* The superblock before the data's flush. */
	MUTATE_OLD_NUMBER,   /* Commit under the number of the last one. */
	MUTATE_BIRTH_OFF,    /* Free what was born in the predecessor too. */
	MUTATE_REUSE_EARLY,  /* Blocks of the last generation at once. */
	MUTATE_FORGET_MERGE, /* A dropped generation's own dead list. */
	MUTATE_COUNT,
};

#ifdef STORE_MUTATIONS
extern enum store_mutation store_mutation;

static inline bool
mutated(enum store_mutation m)
{
	return store_mutation == m;
}
#else
static inline bool
mutated(enum store_mutation m)
{
	(void)m;
	return false;
}
#endif

#endif
