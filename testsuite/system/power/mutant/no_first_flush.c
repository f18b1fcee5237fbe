/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's seeded bug: data and superblock in one go. */
#include "persist/store/mutation.h"

enum store_mutation store_mutation = MUTATE_NO_FIRST_FLUSH;
