/* SPDX-License-Identifier: BSD-2-Clause */
/* The test class: factorials, copies through the device, and what is refused.
 */
#include <string.h>

#include "testsuite/harness/orders.h"
#include "uldrv/class/edu.h"

enum {
	PAGES = 4,
	END = PAGES * PAGE_SIZE,
};

static void
factorial(struct orders *o, unsigned n)
{
	struct order_completion done = orders_try(
	    o, EDU_FACTORIAL, 0, 0, n, RC_OK);
	uint64_t product = 1;

	for (unsigned i = 2; i <= n; i++)
		product *= i;
	if (done.status == RC_OK && done.result != product)
		orders_wrong(o, "the factorial is wrong");
}

static void
copy(struct orders *o, uint32_t from, uint32_t to, uint32_t bytes)
{
	struct order_completion done;
	uint8_t                *source = orders_data(o, from);

	for (uint32_t i = 0; i < bytes; i++)
		source[i] = (uint8_t)(i * 7 + from + i / 256);
	memset(orders_data(o, to), 0xee, bytes);
	done = orders_try(o, EDU_COPY, bytes, from, to, RC_OK);
	if (done.status != RC_OK)
		return;
	if (done.bytes != bytes)
		orders_wrong(o, "the number of bytes is wrong");
	if (memcmp(orders_data(o, to), source, bytes) != 0)
		orders_wrong(o, "the copy is not what was to be copied");
}

static void
refused(struct orders *o, uint32_t op, uint32_t bytes, uint64_t offset,
    uint64_t argument, enum status st)
{
	(void)orders_try(o, op, bytes, offset, argument, st);
}

static void
run(struct orders *o)
{
	uint64_t all = 0;

	factorial(o, 5);
	copy(o, 0, PAGE_SIZE, 100);
	copy(o, 2 * PAGE_SIZE, PAGE_SIZE, EDU_BYTES);
	refused(o, EDU_ORDERS, 0, 0, 0, RC_ORDER);
	refused(o, UINT32_MAX, 0, 0, 0, RC_ORDER);
	refused(o, EDU_FACTORIAL, 0, 0, EDU_MOST + 1, RC_ARGUMENT);
	refused(o, EDU_FACTORIAL, 1, 0, 3, RC_ARGUMENT);
	refused(o, EDU_COPY, 0, 0, 0, RC_ARGUMENT);
	refused(o, EDU_COPY, EDU_BYTES + 1, 0, 0, RC_ARGUMENT);
	refused(o, EDU_COPY, 2, PAGE_SIZE - 1, 0, RC_ARGUMENT);
	refused(o, EDU_COPY, 2, 0, PAGE_SIZE - 1, RC_ARGUMENT);
	refused(o, EDU_COPY, 1, END, 0, RC_ARGUMENT);
	refused(o, EDU_COPY, 1, 0, END, RC_ARGUMENT);
	refused(o, EDU_COPY, 1, UINT64_MAX, 0, RC_ARGUMENT);
	refused(o, EDU_COPY, 1, 0, UINT64_MAX, RC_ARGUMENT);
	/* More than the device can do at a time wait for their turn. */
	for (unsigned i = 0; i < 8 && o->ended; i++)
		all |= UINT64_C(1) << orders_give(o, EDU_FACTORIAL, 0, 0, i);
	if (o->ended)
		(void)orders_wait(o, all, 60 * SECOND);
	factorial(o, EDU_MOST);
}

const struct order_script script = {
    .data_pages = PAGES,
    .run = run,
    .deaths = 8, /* Each transfer takes 100 ms. */
};
