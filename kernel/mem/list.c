/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of frames.
 *
 * Invariant: f->list is the id of the list that f is on, LIST_NONE if none.
 */
#include "kernel/mem/list.h"

void
frame_list_add(struct frame_list *l, struct frame *f)
{
	uint32_t i = frame_index(f);

	debug_assert(f->list == LIST_NONE);
	f->next = NO_INDEX;
	f->prev = l->tail;
	if (l->tail == NO_INDEX)
		l->head = i;
	else
		mem.frame[l->tail].next = i;
	l->tail = i;
	f->list = (uint8_t)l->id;
	l->count++;
}

void
frame_list_remove(struct frame_list *l, struct frame *f)
{
	debug_assert(f->list == l->id);
	if (f->prev == NO_INDEX)
		l->head = f->next;
	else
		mem.frame[f->prev].next = f->next;
	if (f->next == NO_INDEX)
		l->tail = f->prev;
	else
		mem.frame[f->next].prev = f->prev;
	f->list = LIST_NONE;
	f->next = f->prev = NO_INDEX;
	l->count--;
}

void
frame_list_replace(struct frame_list *l, struct frame *f, struct frame *by)
{
	uint32_t i = frame_index(by);

	debug_assert(f->list == l->id && by->list == LIST_NONE);
	by->next = f->next;
	by->prev = f->prev;
	by->list = f->list;
	if (f->prev == NO_INDEX)
		l->head = i;
	else
		mem.frame[f->prev].next = i;
	if (f->next == NO_INDEX)
		l->tail = i;
	else
		mem.frame[f->next].prev = i;
	f->list = LIST_NONE;
	f->next = f->prev = NO_INDEX;
}
