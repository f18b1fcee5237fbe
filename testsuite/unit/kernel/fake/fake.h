/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine for the kernel's unit tests: hal.h over host memory.
 *
 *     hal.c   memory, clock, interrupts, ports, processes, ways out
 *     tlb.c   the loaded tables, seen through a TLB with PCIDs (F10)
 *     core.c  panic and log
 *     wait.c  wait.h for tests without kernel/sched
 *     boot.c  a boot range to start from
 *
 * One test program uses one machine; fake_start makes it anew.
 */
#ifndef TESTSUITE_UNIT_KERNEL_FAKE_FAKE_H
#define TESTSUITE_UNIT_KERNEL_FAKE_FAKE_H

#include <setjmp.h>

#include "boot/handoff/handoff.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/frame.h"
#include "kernel/sched/wait.h"

enum fake_exit {
	FAKE_RETURNED, /* It did not leave at all. */
	FAKE_RESUME,
	FAKE_RESUME_SYSCALL,
	FAKE_IDLE,
	FAKE_RESET,
	FAKE_HALT,
	FAKE_PANIC,
};

enum {
	FAKE_PORTS     = 65536,
	FAKE_GSIS      = 24,
	FAKE_ISA_LEVEL = 9, /* The ISA interrupt that is level, low. */
	FAKE_LOG       = 65536,
};

struct fake {
	/* Set before fake_start, or left alone. */
	bool     no_pcid;
	unsigned physical_bits; /* 0: 40 */

	/* What the kernel did. */
	uint64_t           now, deadline;
	uint8_t            port[FAKE_PORTS];
	bool               masked[FAKE_GSIS];
	unsigned           vector[FAKE_GSIS];
	unsigned           eois;
	struct state_page *loaded, *resumed;
	unsigned           loads, unloads, syncs, enters;
	enum hal_step      step; /* What hal_step_begin gives, or else: */
	enum hal_step (*step_of)(const struct state_page *s);
	uint64_t           step_stored; /* And hal_step_end. */
	uint8_t            code[HAL_CODE_BYTES];
	unsigned           step_bytes;
	bool               force_fails;
	uint32_t           io_first, io_count; /* Open port range. */
	unsigned           top_loads, top_flushes, tlb_pages, tlb_alls;

	/* Panics: expected when FAKE_LEAVES is running. */
	const char *panic;
	char        log[FAKE_LOG];
	size_t      log_bytes;

	/* wait.c */
	enum wait_kind wait_kind;
	uint64_t       wait_key;
	bool           noted;
	bool           resident, reserve;
	bool stalled; /* Somebody waits for a process. */
	unsigned       wakes[WAIT_KINDS];
	void (*woken)(enum wait_kind kind, uint64_t key);

	jmp_buf leave;
	bool    leaving;
};
extern struct fake fake;

/* Run a statement: how it left the kernel. */
#define FAKE_LEAVES(statement)                                               \
	(fake.leaving = true,                                                \
	    setjmp(fake.leave) == 0                                          \
		? ((void)(statement), fake.leaving = false, fake_returned()) \
		: (fake.leaving = false, fake_left()))
enum fake_exit fake_left(void);
enum fake_exit fake_returned(void);
_Noreturn void fake_leave(enum fake_exit how);

/* --- Memory -------------------------------------------------------------- */

/*
 * RAM of so many pages from physical 0 on, all free but for the first page and
 * what boot.c put there. Drops what was before.
 */
void fake_memory(uint32_t pages);

/*
 * RAM, the boot range that was built with fake_boot_*, and mem_init. All
 * counters of `fake` start anew.
 */
void fake_start(uint32_t pages);

/* --- A boot range: build it before fake_start ---------------------------- */

enum { FAKE_BOOT_FRAMES = 256 };

void fake_boot_reset(void);

/* Add a frame; its number is frame_of(SOURCE_BOOT, index returned). */
uint32_t fake_boot_page(uint32_t count);
uint32_t fake_boot_nodes(uint32_t count);
uint32_t fake_boot_state(uint32_t count);

/* The bytes of a frame, to be filled in before fake_start. */
void              *fake_boot_data(uint32_t index);
struct node_frame *fake_boot_node_frame(uint32_t index);

/* Capabilities to them. */
struct cap fake_page_cap(uint32_t index, unsigned rights);
struct cap fake_node_cap(
    uint32_t index, unsigned node, unsigned span, unsigned rights);

/* Start a process with this OID; add a boot service. */
void fake_boot_process(oid id);
void fake_boot_service(const struct cap *c);

/* The hand-off that mem_init was given. */
extern struct handoff fake_handoff;

/* --- The CPU's view of the loaded tables --------------------------------- */

struct fake_access {
	bool     fault;
	uint64_t physical; /* Of the byte reached. */
	bool     cached;   /* The translation came from the TLB. */
};

/*
 * What the CPU would do: use a cached translation of the loaded PCID if there
 * is one, else walk the tables, set accessed and dirty bits, and cache. The
 * TLB never forgets on its own. A fault drops the page's cached translation.
 */
struct fake_access fake_touch(uint64_t v, enum fault_access access);

void     fake_tlb_reset(void);
uint16_t fake_loaded_pcid(void);
paddr    fake_loaded_top(void);

#endif
