/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trace: what a driver and its device said to each other, a line for each
 * event. Back ends make it through the functions talk_* while harness.trace is
 * set; V=1 prints the same lines.
 *
 *	given port0 0x3f8 8        what the driver was given, at the start
 *	given mmio4 0xfebd0000 0x4000
 *	given irqs 1 message 1
 *	given config f4 1a 00*4 10
 *	r8 port0+0x5 = 0x60        a read of 8 bits
 *	w32 mmio4+0x20 = @0x1000   a write; @: the bus address of that byte of
 *ram R16 port0+0x0 = 00*512     a string of 16-bit reads (W16: writes) irq 0
 *	put 0x3000 = 01 00*7       ram has changed since the line before, or
 *	mem 0x3000 = 01 00*7       with it (both only for replays)
 *	note read of sector 8 ...  what the script saw through the class
 *protocol
 *
 * A line of QEMU's own `-trace memory_region_ops_read` and `_write` is
 * understood too; what lies in no range that was given is left out.
 */
#ifndef TESTSUITE_HARNESS_TRACE_H
#define TESTSUITE_HARNESS_TRACE_H

#include "testsuite/harness/harness.h"

struct trace {
	char               **line;
	size_t               count, room;
	/* Of the first range of each resource, for QEMU's lines. */
	struct control_range port[CONTROL_PORTS], mmio[CONTROL_MMIO];
};

struct trace *trace_new(void);
void          trace_free(struct trace *t);
void          trace_add(struct trace *t, const char *line);
bool          trace_save(const struct trace *t, const char *path);

/* NULL, with a message, if the file cannot be read or holds no event. */
struct trace *trace_load(const char *path);

/*
 * Bytes as text, runs as `xx*n`; malloc'ed. And back: the number of bytes, at
 * most `most`.
 */
char  *trace_text(const void *bytes, size_t n);
size_t trace_bytes(const char *text, uint8_t *to, size_t most);

/* For back ends: print or record, if anybody wants it. */
void talk_given(struct harness *h, const struct control_given *g);
void talk_access(struct harness *h, char how, const struct region *r,
    uint64_t offset, unsigned bytes, uint32_t value);
void talk_words(struct harness *h, char how, const struct region *r,
    uint64_t offset, const void *data, unsigned words);
void talk_irq(struct harness *h, unsigned irq);
void talk_memory(struct harness *h, const char *how, uint32_t offset,
    const void *data, size_t n);

/* For scripts: a fact that must be the same on every back end. */
void talk_note(struct harness *h, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool
talk_wanted(const struct harness *h)
{
	return h->verbose || h->trace != NULL || h->on_note != NULL;
}

#endif
