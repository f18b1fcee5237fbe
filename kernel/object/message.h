/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message on its way to a process.
 */
#ifndef KERNEL_OBJECT_MESSAGE_H
#define KERNEL_OBJECT_MESSAGE_H

#include "kernel/object/process.h"

struct message {
	uint64_t           word[MESSAGE_WORDS];
	struct cap         cap[MESSAGE_CAPS];
	enum invoke_source source;
	uint16_t           data; /* Of the start capability. */

	/* The string: from a process's memory, or from the kernel's. */
	const struct process *sender; /* NULL: from `kernel_string`. */
	uint64_t              address;
	const uint8_t        *kernel_string;
	uint32_t              bytes; /* What is to be sent. */

	/* Set by message_prepare. */
	uint32_t fits; /* Bytes that will be delivered. */
	uint64_t into; /* Address in the receiver. */
	bool     truncated;
};

/*
 * Check and prepare: the receiver's frames become writable, the pages of the
 * string are found on both sides. A receiver's page that would need a keeper
 * truncates; the sender's own is ST_FAULT with *fault filled in.
 */
must_check enum status message_prepare(
    struct message *m, struct process *to, struct map_fault *fault);

/* Copy the sender's string of at most a page into the kernel. */
must_check enum status message_fetch(
    const struct message *m, uint8_t *to, struct map_fault *fault);

/* Copy the string alone, of a message that was prepared. */
void message_copy(const struct message *m);

/* Change: words, capabilities, string and result; nothing can fail. */
void message_deliver(const struct message *m, struct process *to);

#endif
