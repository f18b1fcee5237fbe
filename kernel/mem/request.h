/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open requests of the pager: what the kernel asked of the store. Shared by
 * pager.c, which makes them, and complete.c, which ends them.
 */
#ifndef KERNEL_MEM_REQUEST_H
#define KERNEL_MEM_REQUEST_H

#include "kernel/mem/pager.h"

struct request {
	uint64_t        tag; /* 0: free. Its low byte is the index + 1. */
	uint64_t        oid;
	uint64_t        epoch;
	uint32_t        frame; /* Index, or NO_INDEX. */
	uint32_t        count; /* Of a fetch: as told before. */
	uint8_t         op; /* enum pager_op */
	uint8_t         kind; /* Of a fetch: FK_STATE, if count was told. */
	uint16_t        flags; /* enum pager_flags */
	bool            again; /* A drop that failed: to be sent anew. */
	struct exposure exposure;
};

struct pager {
	void (*doorbell)(void);
	bool           bound, open;
	bool           ring_it; /* Entries were put in since the last. */
	bool           starved; /* Somebody waits for a tag. */
	bool           barrier; /* Open. */
	struct request request[PAGER_OUTSTANDING];
	uint32_t       nopen, ncleaning;
	uint32_t       nagain; /* Requests with `again`. */
	uint32_t       first_free; /* None before it is free. */
	uint8_t  changing[256]; /* Open changes, by low byte of the number. */
	uint64_t generation;    /* Of tags. */
	uint64_t last_fetch;    /* Frame number, for read-ahead. */
	uint32_t request_head, completion_tail;
	uint32_t waiting;
	uint32_t notified; /* credits_notify when it was rung. */
	struct pager_control *control;
	uint32_t              page[PAGER_PAGES]; /* Frame index. */
	/* The record of the last boot's snapshot, being fetched. */
	uint32_t              record_pages, record_next, record_open;
};
extern struct pager pager;

/* A free request, or NULL if fewer than `leave` would remain. */
struct request *request_take(uint32_t leave);

/* It is done; whoever waits for a tag is woken. */
void request_free(struct request *r);

/* It is a change of its object, which is set: entered where that is looked up.
 */
void request_note_change(const struct request *r);

/* All are open: wait until one is free. */
must_check enum status wait_for_tag(void);

/* Put it into the ring. Words beyond those of struct request are given. */
void request_send(const struct request *r, const uint64_t word[3]);

/* A frame that came for a count, which is this, is to have the content, too. */
void pager_fetch_stated(struct frame *f, uint32_t count);

/* Fetch the next pages of the record, as many as may be. */
void pager_fetch_record(void);

#endif
