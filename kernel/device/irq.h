/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: lines (IOAPIC pins, known by their GSI) and messages (MSI).
 *
 * A line in use, and each message, has one of the 192 device vectors. An
 * interrupt reaches its driver as a notice.
 *
 *   edge, message   EOI, then the notice; there is nothing to unmask
 *   level           mask, EOI, notices to all sharers; unmasked when each has
 *                   acknowledged (or masked itself, or is gone)
 *
 * A storm is a vector whose deliveries nobody wants: STORM_UNHANDLED within a
 * second that all sharers disown (of an edge, with none between that its owner
 * served), or STORM_IGNORED that nobody acknowledges.
 * It is masked and reported with the sharers' names; binding or unmasking by
 * an owner ends that. A message cannot be masked here: it is dropped.
 *
 * Invariants (irq_ok):
 *  1. A vector in use has at least one owner; more than one only if level.
 *  2. waiting is the number of owners with `pending`; > 0 only if level, and
 *     then the pin is masked.
 *  3. A pin is unmasked only if an owner is bound and not masked.
 */
#ifndef KERNEL_DEVICE_IRQ_H
#define KERNEL_DEVICE_IRQ_H

#include "kernel/device/device.h"

enum {
	STORM_UNHANDLED = 1000,
	STORM_IGNORED = 10000,
	IRQ_GSIS = 256, /* Lines that can be had. */
};

void irq_init(void);

/*
 * A device vector was raised: called by kernel/entry. Does the EOI. Gives the
 * last of those who are to be made ready for it, which the caller does; or NULL.
 */
struct activity *irq_deliver(unsigned vector);

/* May this line be had, alone or as a sharer? */
must_check enum status irq_line_check(uint32_t gsi, bool level, bool low);

/* Is a vector free? RC_NO_MEMORY: no. */
must_check enum status irq_vector_check(void);

/* Change: after the checks and device_reserve; they cannot fail. */
uint32_t irq_line_take(
    uint32_t gsi, bool level, bool low, const void *label, size_t bytes);
uint32_t irq_msi_take(uint32_t source_id, const void *label, size_t bytes);

/* Of an object of kind CK_IRQ. */
void irq_bind(uint32_t index, const struct notice_binding *b);
void irq_ack(uint32_t index, bool handled);
void irq_mask(uint32_t index, bool masked);
void irq_release(uint32_t index);
void irq_message(uint32_t index, uint64_t *address, uint32_t *data);

/* Lines first, then messages in use. RC_NOT_FOUND: beyond the last. */
must_check enum status irq_query(uint64_t index, struct irq_info *out);
uint64_t               irq_count(void);

/* The vector of an owner, as query shows it. */
void irq_describe(uint32_t index, struct irq_info *out);

bool irq_ok(void);

#endif
