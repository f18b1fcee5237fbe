/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders of the kernel's capabilities, as a process gives them: by SYSCALL,
 * through the generated dispatch, to the method and back.
 */
#ifndef TESTSUITE_UNIT_KERNEL_METHOD_SUPPORT_H
#define TESTSUITE_UNIT_KERNEL_METHOD_SUPPORT_H

#include "testsuite/unit/kernel/object/support.h"

extern const struct runner_test device_tests[], dma_tests[], kinfo_tests[],
    listing_tests[], node_tests[], target_tests[], range_tests[], cache_tests[],
    small_tests[], pieces_tests[];

enum { ASK_CAPS = 3 };

/* What a process sends with an order. */
struct ask {
	struct cap  self;
	uint64_t    word[MESSAGE_WORDS]; /* word[0]: the order. */
	struct cap  send[ASK_CAPS];      /* Void: nothing is sent there. */
	const void *string;
	uint32_t    bytes;
};

/* What it got. */
struct answer {
	enum status    status; /* Or ST_WAIT: it waits. */
	uint64_t       word[MESSAGE_WORDS];
	struct cap     cap;
	const uint8_t *string;
	uint32_t       bytes;
	enum fake_exit left; /* How the kernel was left. */
};
extern struct answer answer;

/* Who asks: process 2 of the ephemeral source, from the range's frame 128 on.
 */
extern struct process client;

/* A machine with the client. */
void start_client(void);

/* The client asks: the status, and `answer`. */
enum status ask(const struct ask *a);

/* The same with the n-th need failing, if it comes to that. */
enum status ask_failing(const struct ask *a, unsigned n, bool *fired);

/* What it waited for is there: it runs the same instruction again. */
enum status ask_again(void);

/* An order without string or capability. */
#define ASK(cap, ...) \
	ask(&(const struct ask){.self = (cap), .word = {__VA_ARGS__}})

/* One that sends a capability, and one with a string. */
#define ASK_WITH(cap, sent, ...) \
	ask(&(const struct ask){ \
	    .self = (cap), .word = {__VA_ARGS__}, .send = {sent}})
#define ASK_STRING(cap, text, length, ...)     \
	ask(&(const struct ask){.self = (cap), \
	    .word = {__VA_ARGS__},             \
	    .string = (text),                  \
	    .bytes = (uint32_t)(length)})

/* The same capability with these rights taken away. */
struct cap less(struct cap c, unsigned rights);

/* A capability that is complete in itself. */
struct cap root(enum cap_kind kind);

/* Objects, with their capabilities. */
struct frame *page_frame(enum oid_source source, uint64_t position);
struct frame *node_frame(enum oid_source source, uint64_t position);
struct cap    page_to(const struct frame *f, unsigned rights);
struct cap    node_to(const struct frame *f, unsigned index, unsigned rights);
struct cap    role_to(
       const struct frame *f, unsigned index, unsigned role, enum cap_kind kind);

/*
 * Map so many pages of what stands in each slot, of 2^shift bytes, of a node: at
 * 64 places at least, so that they do not go in one piece (D3).
 */
void map_widely(struct cap c, unsigned shift, unsigned pages);

/* What the client asked has done a piece, and has not ended: give it again. */
enum status ask_rest(void);

/* Do both say the same, but for the hint (M1)? */
bool same_cap(const struct cap *a, const struct cap *b);

/*
 * An order with the n-th need failing, for each n until none fails: the order
 * waits, nothing has changed; and run again it does what it would have done.
 */
struct trial {
	void (*make)(struct ask *a); /* A world anew, and the order. */
	void (*unchanged)(void);
	void (*done)(void);
	unsigned least; /* So many needs there are at least. */
};
void each_failure(const struct trial *t);

#endif
