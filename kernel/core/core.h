/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every part of the kernel may use: panic, assertions, log, lists.
 *
 * Assertions and panics are for faults of the kernel itself. A caller's fault
 * is a status, a device's or disk's a log line.
 */
#ifndef KERNEL_CORE_CORE_H
#define KERNEL_CORE_CORE_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

typedef struct {
	uint64_t v;
} paddr;

typedef struct {
	uint64_t v;
} vaddr;

/* Print where and why on the panic consoles, and stop. */
_Noreturn void panic_at(const char *file, int line, const char *what);

#define panic(what) panic_at(__FILE__, __LINE__, what)
#define assert(x)   ((x) ? (void)0 : panic_at(__FILE__, __LINE__, #x))

/* Checked in debug builds only: invariants too dear for every call. */
#ifdef DEBUG_BUILD
#define debug_assert(x) assert(x)
#else
#define debug_assert(x) ((void)0)
#endif

/*
 * Append a line to the console log. Formats: %s, %u (unsigned), %x (unsigned,
 * hexadecimal), %lu, %lx (uint64_t), %%. One line, no newline at its end.
 */
void log_line(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

enum { LOG_BYTES = 32768 };

/* Raw access for the log capability (kernel/method/log.c). */
void     log_append(const char *text, size_t bytes);
uint64_t log_read(uint64_t position, char *to, size_t limit, size_t *bytes);

/* A doubly linked ring; a list head is one whose neighbours are its items. */
struct link {
	struct link *next, *prev;
};

static inline void
list_init(struct link *head)
{
	head->next = head->prev = head;
}

static inline bool
list_empty(const struct link *head)
{
	return head->next == head;
}

static inline void
list_append(struct link *head, struct link *item)
{
	item->prev       = head->prev;
	item->next       = head;
	head->prev->next = item;
	head->prev       = item;
}

static inline void
list_prepend(struct link *head, struct link *item)
{
	list_append(head->next, item);
}

/* Removes an item; safe to repeat, for it then is a list of its own. */
static inline void
list_remove(struct link *item)
{
	item->next->prev = item->prev;
	item->prev->next = item->next;
	list_init(item);
}

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define container_of(p, type, member)                                          \
	((type *)(void *)((char *)(p) - offsetof(type, member)))

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
void *memmove(void *to, const void *from, size_t n);
int   memcmp(const void *a, const void *b, size_t n);

#if !__STDC_HOSTED__
/* So that GCC expands copies of a few known bytes in place. */
#define memcpy(to, from, n)  __builtin_memcpy(to, from, n)
#define memset(to, byte, n)  __builtin_memset(to, byte, n)
#define memmove(to, from, n) __builtin_memmove(to, from, n)
#define memcmp(a, b, n)      __builtin_memcmp(a, b, n)
#endif

#endif
