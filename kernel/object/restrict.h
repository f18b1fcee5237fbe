/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders that several kinds share: fewer rights, another span, node slots.
 */
#ifndef KERNEL_OBJECT_RESTRICT_H
#define KERNEL_OBJECT_RESTRICT_H

#include "kernel/object/invocation.h"

/* Result slot 0: the invoked capability less these rights. */
must_check enum status restrict_cap(struct invocation *inv, uint64_t rights);

/* Result slot 0: the invoked node or guard with another span. */
must_check enum status restrict_span(struct invocation *inv, uint64_t span);

/* What a fetch through a weak capability makes of c (S15). */
struct cap restrict_weak(const struct cap *c);

/* Fetch and swap a slot of the invoked node or guard. */
must_check enum status slot_get(struct invocation *inv, uint64_t slot);
must_check enum status slot_swap(struct invocation *inv, uint64_t slot);

#endif
