/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes from the store and must not be believed. */
#ifndef TESTSUITE_FUZZ_HOST_SPOIL_H
#define TESTSUITE_FUZZ_HOST_SPOIL_H

#include "kernel/abi/pager.h"
#include "persist/format/frame.h"

/* All of it is refused; or it is put right, and nobody sees what was wrong. */
void spoil_frame(struct node_frame *n, struct pager_completion *c);
void spoil_node(struct node_frame *n);

/* One that ends no request; r: one that it nearly ends, or NULL. */
struct pager_completion spoil_completion(const struct pager_request *r);

#endif
