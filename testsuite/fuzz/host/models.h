/* SPDX-License-Identifier: BSD-2-Clause */
/* What the models of the orders share. */
#ifndef TESTSUITE_FUZZ_HOST_MODELS_H
#define TESTSUITE_FUZZ_HOST_MODELS_H

#include "testsuite/fuzz/host/fuzz.h"

#define MODEL(order, fn) order_fn fn;
#include "testsuite/fuzz/host/models.def"
#undef MODEL

/* Said by the kernel for a reason that is not the model's. */
static inline bool
said(const struct op *o, enum status st)
{
	return o->actual == st && o->kind != INVOKE_RETURN;
}

/* Of whatever the kernel says of itself: any words, any string. */
order_fn kinfo_any;

/* What is stored: a boot service stays one, what is dead is void. */
struct mcap stored(const struct op *o, unsigned i);

#endif
