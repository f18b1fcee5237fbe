/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of frames, linked by index. A frame is on one list at most.
 */
#ifndef KERNEL_MEM_LIST_H
#define KERNEL_MEM_LIST_H

#include "kernel/mem/frame.h"

struct frame_list {
	uint32_t head, tail; /* Index, or NO_INDEX. */
	uint32_t count;
	uint32_t id; /* enum frame_list_id */
};

static inline void
frame_list_init(struct frame_list *l, enum frame_list_id id)
{
	*l = (struct frame_list){NO_INDEX, NO_INDEX, 0, id};
}

static inline struct frame *
frame_list_first(const struct frame_list *l)
{
	return l->head == NO_INDEX ? NULL : &mem.frame[l->head];
}

/* At the tail. */
void frame_list_add(struct frame_list *l, struct frame *f);
void frame_list_remove(struct frame_list *l, struct frame *f);

/* Put `by` where f is, and take f off. */
void frame_list_replace(
    struct frame_list *l, struct frame *f, struct frame *by);

#endif
