/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the two halves of the persistent warden. */
#ifndef TESTSUITE_FUZZ_DOMAIN_STORE_H
#define TESTSUITE_FUZZ_DOMAIN_STORE_H

#include "testsuite/fuzz/domain/warden.h"

enum table_slot {
	TABLE_BANKS = TABLE_OWN, /* Of worker w. */
	TABLE_FORWARDERS = TABLE_BANKS + WORKERS, /* To it. */
	TABLE_WITNESS = TABLE_FORWARDERS + WORKERS,
};

struct witness {
	uint64_t checked, wrong;
};
extern struct witness witness;

/* Buy what they are, more than memory holds. */
void witness_build(void);

/* Look at some, and change them. */
void witness_some(void);

/* Look at all of them. */
void witness_all(void);

#endif
