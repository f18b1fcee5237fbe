/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node frame: 7 nodes and their headers in one 4 KiB frame, byte for byte
 * the same in memory and on disk (D1).
 *
 *     0            frame header
 *     64 + 64 i    header of node i, 0 <= i < 7
 *     512 (i + 1)  32 capability slots of node i
 */
#ifndef PERSIST_FORMAT_FRAME_H
#define PERSIST_FORMAT_FRAME_H

#include "kernel/abi/cap.h"

enum {
	NODE_FRAME_MAGIC = 0x644e4e41, /* "ANNd" */
	NODE_HEADER_BYTES = 64,
	NODE_BYTES = NODE_SLOTS * 16,
};

/* What a frame holds. Part of every validation of a capability to it. */
enum frame_kind {
	FK_FREE,  /* Nothing: reads as absent, costs no block. */
	FK_PAGE,  /* Data. */
	FK_NODE,  /* A node frame. */
	FK_STATE, /* The state page of a process; no page capability is valid.
	           */
	FK_ZERO,  /* A page of zeros: no block, no content on disk. */
	FK_COUNT,
};

struct frame_header {
	uint32_t magic; /* NODE_FRAME_MAGIC */
	uint32_t boot;  /* Boot number in which it was last written (F6). */
	uint64_t oid;   /* Frame number << 3 | 7. */
	uint64_t reserved;
	uint8_t  kind; /* FK_NODE */
	uint8_t  unused[39];
};

struct node_header {
	uint32_t count; /* Allocation count of this node. */
	uint8_t  role;  /* enum node_role */
	uint8_t  flags; /* enum process_flags for a process. */
	uint16_t data;  /* Forwarder: enum forwarder_flags. */
	uint64_t word;  /* Forwarder: its data word. */
	uint32_t built, placed; /* Process: enum slot_origin by slot. */
	uint8_t  unused[40];
};

struct node_frame {
	struct frame_header header;
	struct node_header  node[FRAME_NODES];
	struct cap          slot[FRAME_NODES][NODE_SLOTS];
};

_Static_assert(sizeof(struct frame_header) == 64, "frame header");
_Static_assert(sizeof(struct node_header) == 64, "node header");
_Static_assert(offsetof(struct node_frame, node) == 64, "node headers");
_Static_assert(offsetof(struct node_frame, slot) == 512, "slots");
_Static_assert(sizeof(struct node_frame) == PAGE_SIZE, "one frame");

#endif
