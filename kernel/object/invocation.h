/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One invocation of a kernel-implemented capability, as its method sees it.
 *
 * A method goes check, prepare, commit, change: before inv_commit nothing
 * persistent has changed and any status may be returned, ST_WAIT included (the
 * process will run the same instruction again, from its start); after it
 * nothing can fail. What the method returns is word 0 of the reply.
 *
 * The string was copied in before dispatch (`string`, `string_bytes`). Results
 * are put into out_word, out_cap and out_string, and delivered when the
 * method returns RC_OK.
 */
#ifndef KERNEL_OBJECT_INVOCATION_H
#define KERNEL_OBJECT_INVOCATION_H

#include "kernel/abi/invoke.h"
#include "kernel/mem/resolve.h"

enum { INV_STRING_MAX = 8192 };

/*
 * A capability that was looked at: alive, its object in memory and held until
 * the end of this kernel entry. A dead one has kind CK_VOID.
 */
struct ref {
	uint8_t       kind;   /* enum cap_kind */
	uint8_t       rights; /* enum cap_rights */
	uint16_t      data;
	uint16_t      service; /* n + 1: it was reached by boot service n. */
	unsigned      index; /* Of the node in its frame; 7 for a page. */
	struct cap    cap;   /* The capability, boot services resolved. */
	struct frame *frame; /* Of page and node kinds, otherwise NULL. */
};

struct invocation {
	enum invoke_kind kind;
	struct ref       self;
	uint64_t         word[MESSAGE_WORDS]; /* word[0] is the order. */
	struct ref       cap[MESSAGE_CAPS];
	const uint8_t   *string;
	uint32_t         string_bytes;

	uint64_t   out_word[MESSAGE_WORDS]; /* [0] is set by the caller. */
	struct cap out_cap[MESSAGE_CAPS];
	uint8_t   *out_string; /* Room for INV_STRING_MAX. */
	uint32_t   out_bytes;
	bool       committed;
};

/* From here on nothing can fail. */
static inline void
inv_commit(struct invocation *inv)
{
	debug_assert(!inv->committed);
	inv->committed = true;
}

/* The answer of a query order: one record, and how many there are. */
static inline void
inv_record(struct invocation *inv, const void *record, uint32_t bytes,
    uint64_t total)
{
	debug_assert(inv->committed && bytes <= INV_STRING_MAX);
	memcpy(inv->out_string, record, bytes);
	inv->out_bytes   = bytes;
	inv->out_word[1] = total;
}

/*
 * Prepare the node or page of a ref for writing; ref->frame is where it is
 * afterwards.
 */
must_check enum status ref_prepare_write(struct ref *r);

/*
 * The same for what is invoked, and commit: of an order that needs no more.
 */
must_check static inline enum status
inv_commit_write(struct invocation *inv)
{
	enum status st = ref_prepare_write(&inv->self);

	if (st == RC_OK)
		inv_commit(inv);
	return st;
}

/* The header, name and slots of a node ref. */
static inline struct node_header *
ref_header(const struct ref *r)
{
	return &frame_nodes(r->frame)->node[r->index];
}

static inline oid
ref_oid(const struct ref *r)
{
	return oid_make(r->frame->number, r->index);
}

static inline struct cap *
ref_slots(const struct ref *r)
{
	return frame_nodes(r->frame)->slot[r->index];
}

/* Generated from the .idl files: checks, then the method. */
enum status method_dispatch(struct invocation *inv);

#endif
