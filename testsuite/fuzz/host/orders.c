/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What dispatch refuses, by the list that is made from the .idl files, and
 * which model serves an order. An order without one fails the run at its start,
 * so a new one in an .idl gets a model.
 */
#include "testsuite/fuzz/host/models.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/process.order.h"

/* --- The list -------------------------------------------------------------- */

static const struct {
	const char *name;
	order_fn   *fn;
} models[] = {
#define MODEL(order, fn) {#order, fn},
#include "testsuite/fuzz/host/models.def"
#undef MODEL
};

#define KIND(k)  (UINT64_C(1) << (k))
#define ANY_KIND UINT64_MAX

static const struct order {
	const char *name;
	uint8_t     kind, number, forbidden, ncaps;
	uint32_t    string_min, string_max;
	uint64_t    caps[3];
} orders[] = {
#define CONFORM_KIND(i, kind, limit)
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c) \
	{#i "_" #o, kind, n, forbid, caps, min, max, {a, b, c}},
#define CONFORM_ENTRY(i, o, st)
#include "kernel/abi/conform.def"
};

/* A foreign program needs a CPU that traps: the driver is none. */
bool
needs_cpu(unsigned kind, uint64_t order)
{
	return kind == CK_PROCESS && order == PROCESS_SET_FOREIGN;
}

/* Kinds that no process here is given: devices, and the store's own. */
static bool
is_elsewhere(const struct order *o)
{
	return o->kind >= CK_IRQ_SPACE || needs_cpu(o->kind, o->number);
}

enum {
	ORDERS = sizeof(orders) / sizeof(orders[0]),
	NUMBERS = 32,
};

/* By kind and number. */
static const struct order *order_index[CK_COUNT][NUMBERS];
static order_fn           *model_index[CK_COUNT][NUMBERS];

bool
orders_complete(bool say)
{
	bool ok = true;

	for (unsigned i = 0; i < ORDERS; i++) {
		const struct order *o = &orders[i];

		MUST(o->number < NUMBERS);
		order_index[o->kind][o->number] = o;
		for (size_t k = 0; k < sizeof(models) / sizeof(models[0]); k++)
			if (strcmp(models[k].name, o->name) == 0)
				model_index[o->kind][o->number] = models[k].fn;
		/* What the kernel tells of itself is its own affair. */
		if (model_index[o->kind][o->number] == NULL &&
		    o->kind == CK_KINFO)
			model_index[o->kind][o->number] = kinfo_any;
		if (model_index[o->kind][o->number] != NULL ||
		    is_elsewhere(o))
			continue;
		ok = false;
		if (say)
			fprintf(stderr, "fuzz: order %s has no model\n",
			    o->name);
	}
	return ok;
}

order_fn *
order_model(unsigned kind, uint64_t number)
{
	return number < NUMBERS ? model_index[kind][number] : NULL;
}

enum status
order_refuses(const struct op *o)
{
	const struct order *r = o->word[0] < NUMBERS
	    ? order_index[o->self.kind][o->word[0]]
	    : NULL;

	if (r == NULL)
		return RC_ORDER;
	if (o->self.rights & r->forbidden)
		return RC_RIGHTS;
	if (o->string_bytes < r->string_min || o->string_bytes > r->string_max)
		return RC_STRING;
	for (unsigned i = 0; i < r->ncaps; i++)
		if (!(r->caps[i] >> o->cap[i].kind & 1))
			return RC_CAPABILITY;
	return RC_OK;
}
