/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of all classes that stand on orders (class/order.h): takes
 * orders from the ring, holds each against its class's rule, and hands it to
 * driver.order; what a driver sees is well formed and within the data area.
 */
#ifndef ULDRV_LIB_ORDER_H
#define ULDRV_LIB_ORDER_H

#include "uldrv/class/order.h"
#include "uldrv/lib/uldrv.h"

/*
 * An order, copied out of the ring. The slot is its name until it is
 * completed, 0 to 63, the lowest that is free.
 */
struct order_io {
	uint64_t offset, argument;
	uint32_t op;
	uint32_t bytes;
	uint8_t  slot;
};

enum order_flags {
	ORDER_WATCHED = 1 << 0,  /* The driver's deadline holds for it. */
	ORDER_ONE_PAGE = 1 << 1, /* Its part of the data crosses no page. */
};

/* What a class allows an order to be; no rule: RC_ORDER. */
struct order_rule {
	bool     known;
	uint8_t  flags;       /* enum order_flags */
	uint32_t least, most; /* Bytes. */
};

/* A class is its rules, one for each order: ORDER_CLASS(rules). */
enum { ORDER_STATE = 2816 }; /* What the library keeps. */

void order_turn(struct dev *d, uint64_t notices);
void order_wake(struct dev *d);

#define ORDER_CLASS(rules_)                                               \
	{                                                                 \
		.state_bytes = ORDER_STATE, .turn = order_turn,           \
		.wake = order_wake,                                       \
		.rule = rules_, .rules = sizeof(rules_) / sizeof(*rules_) \
	}

extern const struct class_ops test_class, entropy_class, clock_class, net_class,
    input_class, display_class;

/* What the class says of the device to its client; filled in by probe. */
uint64_t *order_info(struct dev *d);

/* The data area: as the CPU and, where there is DMA, as the device sees it. */
void    *order_data(const struct dev *d, uint64_t offset);
uint64_t order_bus(const struct dev *d, uint64_t offset);

/* Is a second part, named by an argument, within it and within one page? */
bool order_within(const struct dev *d, uint64_t offset, uint32_t bytes);

/*
 * Completes the order in a slot that driver.order accepted; a slot that is
 * not open is let be.
 */
void order_complete(struct dev *d, unsigned slot, enum status st,
    uint32_t bytes, uint64_t result);

/* Completes all that is open. */
void order_complete_all(struct dev *d, enum status st);

#endif
