/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this CPU is doing. One CPU is used (SMP later: one of these each).
 */
#ifndef KERNEL_OBJECT_CPU_H
#define KERNEL_OBJECT_CPU_H

#include "kernel/abi/kinfo.h"
#include "kernel/object/forward.h"
#include "kernel/object/process.h"

enum { STRING_FRAMES = STRING_MAX / PAGE_SIZE + 1 };

struct cpu {
	struct process  *current; /* Valid while loaded; in known.h. */
	bool             loaded;
	struct activity *activity; /* Of the loaded process. */
	uint64_t         slice_end; /* When its turn is over, ns. */
	bool             remap; /* Its space slot is another: load it anew. */
	enum { LENT_NOT, LENT_STEP, LENT_STEP_OWN } lent; /* See loan.h. */
	uint64_t         loaded_at; /* When it was loaded, ns. */

	/* What this entry works on; object_moved keeps it true. */
	struct process    other; /* The process that gets a message. */
	struct invocation inv;
	struct forwarded  via; /* What forwarders add to the message. */
	/* Which of inv.cap may not be void; see kernel/entry/kernel.c. */
	enum { INV_CAPS_NONE, INV_CAPS_FIRST, INV_CAPS_ALL } inv_caps;

	/* F1: the last call number given out; 56 bits, never reused. */
	uint64_t call_number;

	struct kinfo_counters counters;

	/* Where the sender's string was not mapped, after ST_FAULT. */
	uint64_t string_fault;

	/* Frames of the string in transfer, sender's and receiver's. */
	struct frame *from[STRING_FRAMES], *to[STRING_FRAMES];
	uint8_t       string_in[PAGE_SIZE] __attribute__((aligned(16)));
	uint8_t       string_out[INV_STRING_MAX] __attribute__((aligned(16)));
};
extern struct cpu cpu;

/*
 * Begin a kernel entry: whatever the last one held is released, but for the
 * holder of the progress token (S12). The number is odd, so that it is never
 * 0, which stands for not held, nor TOKEN_NONE.
 */
static inline void
cpu_enter(void)
{
	mem.entry += mem.step;
}

/*
 * F1: the next call number. 56 bits do not run out in 200 years of 10^7 calls a
 * second; if they did, a number beyond them would fit no capability.
 */
static inline uint64_t
cpu_next_call(void)
{
	return ++cpu.call_number;
}

/* --- kernel/object/load.c ----------------------------------------------- */

/* Take the loaded process off the CPU; its registers are in its state page. */
void process_unload(void);

/* Load a process that is prepared for writing, with its activity. */
must_check enum status process_load(
    const struct process *p, struct activity *a);

/*
 * The same if all of it is known and nothing is to be prepared; it has its
 * notices then. False: nothing has changed. kernel/object/wake.c.
 */
bool process_load_known(struct activity *a);

/*
 * One is to be made ready for a notice, while another runs or none does. If it
 * is more urgent than that and all others, and all of it is known, it goes on at
 * once. Returns if it was made ready.
 */
void process_wake(struct activity *a);

/* Choose what runs next and run it; or wait for an interrupt. */
_Noreturn void cpu_dispatch(void);

/* Go on with the loaded process, or with a more urgent one. */
_Noreturn void cpu_continue(void);

/*
 * The same, but short if nobody is as urgent; the second for one that came by
 * SYSCALL and was answered.
 */
static inline void
cpu_continue_if_urged(void)
{
	const struct activity *a = cpu.activity;

	if (cpu.remap || sched.ready_mask >> a->priority != 0)
		cpu_continue();
}

static inline _Noreturn void
cpu_answered(void)
{
	cpu_continue_if_urged();
	hal_resume_syscall(cpu.current->state);
}

/*
 * A process with this activity could not be loaded: ST_WAIT, it waits for what
 * wait_on noted; else the dispatcher tries again, and says why not.
 */
_Noreturn void cpu_load_failed(struct activity *a, enum status st);

/* The loaded process waits for what wait_on noted, and runs this again. */
_Noreturn void cpu_wait(void);

#endif
