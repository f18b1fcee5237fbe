/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's side of the classes that stand on orders, what a server does
 * when the driver dies under it, and the program around a class's script: it
 * sees a driver only through the ring, whatever driver and back end are.
 */
#ifndef TESTSUITE_HARNESS_ORDERS_H
#define TESTSUITE_HARNESS_ORDERS_H

#include "testsuite/harness/harness.h"
#include "uldrv/class/order.h"

enum { ORDERS_RESTARTS = 4 };

struct order_try {
	bool                    open; /* Given and not completed. */
	bool                    held; /* The script has not looked at it. */
	struct order_request    request;
	struct order_completion done;
};

struct orders {
	struct harness  *h;
	struct ring_end  request, completion;
	struct order_try order[ORDER_ENTRIES];
	uint64_t         next_tag;
	unsigned         restarts, restarts_max;
	unsigned long    completed, reissued;
	unsigned long    wrong; /* What must not be. */
	bool             ended; /* False: something was left open. */
};

/* What a class's file supplies. */
struct order_script {
	unsigned data_pages;
	/*
	 * All orders there are, good and bad. It calls orders_wrong for what
	 * is not as it must be, and returns early when o->ended is false.
	 */
	void (*run)(struct orders *o);
	/*
	 * One order at a time, for the comparison with QEMU and for replay;
	 * NULL: run does no more than that. Then, by the next instance, again;
	 * NULL: nothing.
	 */
	void (*converse)(struct orders *o);
	void (*again)(struct orders *o);
	unsigned deaths; /* Over qtest: so many places, 0 is 40. */
};

extern const struct order_script script;

static inline struct order_ring *
orders_ring(const struct orders *o)
{
	return (void *)(o->h->ram + ORDER_RING * PAGE_SIZE);
}

static inline uint8_t *
orders_data(const struct orders *o, uint32_t offset)
{
	return orders_ring(o)->data + offset;
}

/* Starts the first driver instance on a device just opened. */
void orders_begin(struct orders *o, struct harness *h);

/* Makes the device and starts the first driver instance, with this fault. */
void orders_open(struct orders *o, const struct fault *fault);

/* No fault any more, nothing open, and a fresh instance. */
void orders_afresh(struct orders *o);

/* Gives an order; it is o->order[i]. */
unsigned orders_give(struct orders *o, uint32_t op, uint32_t bytes,
    uint64_t offset, uint64_t argument);

/*
 * Runs until these orders (a mask) have completed, restarting the driver when
 * it dies and giving again what was open. False at the deadline, or after too
 * many restarts; o->ended is then false too.
 */
bool orders_wait(struct orders *o, uint64_t mask, uint64_t time);

/* Lets so much time pass, whatever the driver does in it. */
void orders_pass(struct orders *o, uint64_t time);

/* The same, until any of them has. */
bool orders_any(struct orders *o, uint64_t mask, uint64_t time);

/*
 * Gives an order and waits, again if the status is not the expected one; says
 * what is wrong if it never is. Returns the last completion.
 */
struct order_completion orders_try(struct orders *o, uint32_t op,
    uint32_t bytes, uint64_t offset, uint64_t argument, enum status expect);

/* Kills the driver and starts another, as the server does. */
bool orders_restart(struct orders *o);

/* Something is wrong, unless the fault that fired was a lie. */
void orders_wrong(struct orders *o, const char *what);

#endif
