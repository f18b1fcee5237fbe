/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The script of all classes that stand on orders: the class's own (script/),
 * and a client that breaks the ring.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/harness/orders.h"
#include "testsuite/harness/script.h"

/* The script with this fault, and without it by a fresh instance. */
static struct script_result
run(const struct fault *fault)
{
	static struct orders o;
	struct script_result r = {.wrong = 0};

	orders_open(&o, fault);
	if (o.ended)
		script.run(&o);
	r.ended = o.ended;
	r.fired = o.h->fault.fired;
	r.width = o.h->fault.width;
	memcpy(r.seen, o.h->fault.seen, sizeof(r.seen));
	/* A client never hangs while a driver says that it works. */
	if (!o.ended && !fault->sticky)
		orders_wrong(&o, "orders were left open");
	if (r.fired == 0 || !fault_info[fault->kind].lies)
		r.strays += o.h->strays;
	r.restarts = o.restarts;
	if (r.fired != 0) {
		orders_afresh(&o);
		if (o.ended)
			script.run(&o);
		r.strays += o.h->strays;
		r.wrong += !o.ended;
		r.ended = o.ended;
	}
	r.wrong += o.wrong;
	harness_close(o.h);
	return r;
}

static bool
converse(struct harness *h)
{
	static struct orders o;

	orders_begin(&o, h);
	if (o.ended)
		(script.converse != NULL ? script.converse : script.run)(&o);
	if (o.ended)
		o.ended = orders_restart(&o);
	if (o.ended && script.again != NULL)
		script.again(&o);
	return o.ended && o.wrong == 0 && o.restarts == 1;
}

/* A client that writes nonsense into the indices is left alone. */
static void
hostile_client(void)
{
	const struct fault   none = {.kind = FK_NOTHING};
	static struct orders o;

	orders_open(&o, &none);
	CU_ASSERT_FATAL(o.ended);
	orders_ring(&o)->control.request.head = 123456789;
	harness_ring(o.h);
	CU_ASSERT(harness_run(o.h, SECOND));
	CU_ASSERT_STRING_EQUAL(
	    o.h->control->said.remark, "the client broke the ring");
	/* The next client finds all in order. */
	orders_afresh(&o);
	CU_ASSERT_FATAL(o.ended);
	script.run(&o);
	CU_ASSERT(o.ended);
	CU_ASSERT_EQUAL(o.wrong, 0);
	harness_close(o.h);
}

static const struct runner_test more[] = {
    RUNNER_TEST(hostile_client),
    {NULL, NULL},
};

const struct class_script class_script = {
    .run = run,
    .converse = converse,
    .more = more,
    .deaths = &script.deaths,
};
