/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's seeded bug: the superblock is called durable too early. */
#include "persist/store/mutation.h"

enum store_mutation store_mutation = MUTATE_NO_SECOND_FLUSH;
