/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms: a time and a notice.
 *
 * One alarm for each (process, bit). There is room for twice as many as there are
 * activities, for only processes with a reserved activity have notices: one for
 * each such process in any case, and as many more for who comes first.
 */
#ifndef KERNEL_SCHED_CLOCK_H
#define KERNEL_SCHED_CLOCK_H

#include "kernel/core/core.h"

struct alarm {
	uint64_t when; /* Nanoseconds since boot. */
	uint64_t process;
	uint32_t count;
	uint8_t  bit;
	uint8_t  unused[3];
};

/* An alarm in its places; of clock.c. */
struct alarm_item {
	struct alarm alarm;
	uint32_t     at;   /* In the heap. */
	uint32_t     next; /* In its chain. */
};

/* Memory for the alarms of n processes, aligned to 8. */
size_t alarm_bytes(uint32_t n);

void   alarm_init(void *memory, uint32_t processes);

/* RC_NO_MEMORY: there is no room, or none for more than one of this process. */
must_check enum status alarm_set(const struct alarm *a);
must_check enum status alarm_cancel(uint64_t process, uint8_t bit);

/* All alarms of a process, which is gone. */
void alarm_forget(uint64_t process);

/* The earliest time, or UINT64_MAX. */
uint64_t alarm_next(void);

/* Take the earliest alarm if its time has come. */
bool alarm_due(uint64_t now, struct alarm *out);

/* All alarms, in no order. */
uint32_t            alarm_count(void);
const struct alarm *alarm_at(uint32_t i);

/*
 * Set the hardware to the earliest of the next alarm, the end of the slice, what
 * a reserve waits for, and what is wanted.
 */
void clock_arm(uint64_t slice_end);

/*
 * The kernel has something to do at a time, for which the clock is to interrupt
 * at the latest; UINT64_MAX: no more.
 */
void     clock_want(uint64_t when);
uint64_t clock_wanted(void);

#endif
