/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an architecture must supply.
 *
 * The rest of the kernel compiles against this alone, so that it also runs on
 * the host over a fake (testsuite/unit/kernel/fake). Everything runs with
 * interrupts off (D3); one CPU is used.
 */
#ifndef KERNEL_HAL_HAL_H
#define KERNEL_HAL_HAL_H

#include "kernel/abi/process.h"
#include "kernel/core/core.h"

struct handoff;

/* --- Memory ----------------------------------------------------------- */

/*
 * All RAM is mapped at one offset, writable but for the kernel's own text and
 * constants, never executable: the direct map.
 */
extern uint8_t *hal_direct_base;

static inline void *
hal_direct(paddr p)
{
	return hal_direct_base + p.v;
}

/*
 * RAM that nobody uses when hal_init has returned: whole pages, ascending,
 * disjoint. Kernel, boot range, RAM disk and the first page are not in it.
 */
struct hal_memory {
	paddr    first;
	uint64_t pages;
};
unsigned hal_memory_regions(const struct hal_memory **list);

/* Does any byte of this range lie in RAM, whoever uses it? */
bool hal_is_ram(uint64_t first, uint64_t bytes);

/* Width of a physical address. */
unsigned hal_physical_bits(void);

/* --- Mapping tables: 512 entries of 8 bytes, one frame each ------------ */

enum {
	TABLE_ENTRIES = 512,
	TABLE_SHIFT   = 9,
	TABLE_TOP     = 4, /* Level of the top table; level 1 maps pages. */
	USER_ENTRIES  = 256, /* Of a top table; the rest is the kernel's. */
};

enum pte_bits {
	PTE_PRESENT  = 1 << 0,
	PTE_WRITE    = 1 << 1,
	PTE_USER     = 1 << 2,
	PTE_ACCESSED = 1 << 5,
	PTE_DIRTY    = 1 << 6,
	PTE_LARGE    = 1 << 7, /* In a level 2 or 3 entry. */
	PTE_WINDOWED = 1 << 9, /* Ours: maps device memory, no struct frame. */
};
#define PTE_NO_EXECUTE (UINT64_C(1) << 63)
#define PTE_ADDRESS    UINT64_C(0x000ffffffffff000)

enum cache_mode { CACHE_BACK, CACHE_NONE, CACHE_COMBINE };

/* Bits for a leaf entry with this cache mode. */
uint64_t hal_pte_cache(enum cache_mode mode);

/* Fill the kernel's half of a new top table. */
void hal_top_init(uint64_t *table);

/*
 * Load a top table. With PCID, pcid selects the tagged entries, and flush
 * says whether those are dropped; without, everything not global is dropped
 * and nothing happens when it is loaded already and flush is false.
 */
void hal_top_load(paddr table, uint16_t pcid, bool flush);

/*
 * The same without a flush, of a table that is not the loaded one, for who
 * does it often: the value is made once. It is never 0 nor 1.
 */
uint64_t hal_top_value(paddr table, uint16_t pcid);
void     hal_top_switch(uint64_t value);

/* The same, and the entries of its PCID are dropped. */
void hal_top_flush(uint64_t value);

/* The top table of the kernel alone, for when no space is loaded (pcid 0). */
paddr hal_top_kernel(void);

/* Drop one page, or all user entries, of the loaded address space. */
void hal_tlb_page(vaddr v);
void hal_tlb_all(void);
bool hal_has_pcid(void);

/* --- Processes ---------------------------------------------------------- */

/*
 * Load: from here on traps save into this state page (in the direct map).
 * Restores XSAVE state, FS and GS base. The page was forced (hal_force).
 */
void hal_process_load(struct state_page *s);

/*
 * The same without XSAVE state, for one that hal_force has refused: it is told
 * of that and does not run. Its XSAVE state is not to be stored either.
 */
void hal_process_enter(struct state_page *s);

/* Store XSAVE state, FS and GS base of the loaded process; it stays loaded. */
void hal_process_sync(struct state_page *s);

/*
 * Sync and load in one, and the top table with this value (hal_top_value), or
 * none if it is 0.
 */
void hal_process_switch(
    struct state_page *from, struct state_page *to, uint64_t top);

/*
 * The same, and leave the kernel to it by SYSRET, as hal_resume_syscall does, but
 * with the five message words of `from`: so a message's words are not copied
 * from page to page. top: not 0.
 */
_Noreturn void hal_process_switch_message(
    struct state_page *from, struct state_page *to, uint64_t top);

/* No process is loaded any more; a trap from user mode cannot happen. */
void hal_process_unload(void);

/*
 * Force what a state page may contain to what is safe to load (F3). false:
 * it needs a component this CPU lacks that is not in its initial state (S5).
 */
bool hal_force(struct state_page *s);

/* The same for the general registers and bases alone, of any state page. */
void hal_force_registers(struct state_page *s);

/*
 * Is the instruction that these bytes begin with an INT n or SYSENTER, by which
 * programs of other systems call (D16)? Its length, and what the keeper is
 * told; 0: it is another one.
 */
unsigned hal_foreign_call(
    const uint8_t *code, unsigned bytes, uint64_t *call);

/* Initialise the registers of a new process: all zero, user selectors. */
void hal_state_init(struct state_page *s);

/* Leave the kernel to the loaded process by its saved registers. */
_Noreturn void hal_resume(struct state_page *s);

/* The same when it came in by SYSCALL and only rcx and r11 may be lost. */
_Noreturn void hal_resume_syscall(struct state_page *s);

/* Wait for an interrupt with no process loaded; ends in entry_interrupt. */
_Noreturn void hal_idle(void);

/*
 * One instruction of the loaded process, then FAULT_DEBUG (D4). `code` are the
 * bytes at its program counter, as many as could be had, 15 at most.
 */
enum { HAL_CODE_BYTES = 15 };
enum hal_step {
	HAL_STEP_OURS,   /* The trap will come, and is the kernel's. */
	HAL_STEP_OWN,    /* It is the process's too: it had asked for it. */
	HAL_STEP_ENTERS, /* None: the instruction itself enters the kernel. */
	HAL_STEP_NOT,    /* None comes, and it does not: do not run it. */
};
enum hal_step hal_step_begin(
    struct state_page *s, const uint8_t *code, unsigned bytes);

/*
 * It has entered the kernel, done: by that trap. Puts its flags right. Not 0:
 * the address of a byte whose lowest bit is to be cleared, for the instruction
 * has stored the flags.
 */
uint64_t hal_step_end(struct state_page *s, bool done);

enum trap {
	TRAP_SYSCALL   = 0x100, /* In struct registers, beside the vectors. */
	TRAP_INTERRUPT = 0x101,
};

enum { SYSCALL_LENGTH = 2 }; /* 0f 05 */

/*
 * The I/O permission bitmap of the loaded process (M9): opened for one range
 * at the first #GP of an IN or OUT, closed at unload and at rescind.
 */
void hal_io_open(uint16_t first, uint32_t count);
void hal_io_close(void);
bool hal_io_is_open(void);

/* --- Interrupts and time ------------------------------------------------ */

/* Nanoseconds since kernel entry; monotonic. */
uint64_t hal_clock_now(void);

/* Interrupt (entry_clock) at this time; a past time fires at once. */
void hal_clock_deadline(uint64_t when);

enum { HAL_VECTORS = 192 }; /* Device vectors, numbered 0 to 191. */

/* IOAPIC pins. Routing one leaves it masked. */
uint32_t hal_gsi_count(void);
void     hal_gsi_route(uint32_t gsi, unsigned vector, bool level, bool low);
void     hal_gsi_mask(uint32_t gsi, bool masked);
bool     hal_isa_gsi(unsigned isa, uint32_t *gsi, bool *level, bool *low);

/* The message that raises a device vector on this CPU. */
void hal_msi_message(unsigned vector, uint64_t *address, uint32_t *data);

/* Tell the local APIC that the vector has been taken. */
void hal_irq_eoi(unsigned vector);

/* NMIs, forged or unrouted vectors and APIC errors so far: logged, harmless. */
struct hal_strays {
	uint64_t nmis, vectors, errors;
};
void hal_strays(struct hal_strays *out);

/*
 * What the kernel keeps to itself (D12): ports, and windows of physical
 * memory. Windows that some machine lacks are not listed.
 */
struct hal_reserved {
	uint64_t    first, count; /* Ports, or bytes. */
	const char *label;
};
unsigned hal_reserved_ports(const struct hal_reserved **list);
unsigned hal_reserved_windows(const struct hal_reserved **list);

uint32_t hal_in(uint16_t port, unsigned bytes);
void     hal_out(uint16_t port, unsigned bytes, uint32_t value);
_Noreturn void hal_reset(void);

/* --- Start and debugging ----------------------------------------------- */

/* CPU, tables, APIC, ACPI; logs what is missing. Called once by main. */
void     hal_init(const struct handoff *h);
uint32_t hal_features(void); /* enum kinfo_feature bits. */
const struct handoff *hal_handoff(void);
uint64_t hal_tsc_khz(void);
uint64_t hal_tsc_at_entry(void);
uint64_t hal_wall_at_entry(void); /* Seconds since 1970, or 0 (D13). */
uint64_t hal_random(void); /* RDRAND or TSC mixed: not for keys. */

/* One byte to the debug port (0xe9) of a debug build, or nothing. */
void hal_debug_byte(char c);

/* One byte to the panic consoles: serial port and screen. */
void hal_panic_byte(char c);
_Noreturn void hal_halt(void);

#endif
