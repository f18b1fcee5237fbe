/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process: one node and one page (D1, D11).
 *
 * The trap entry saves straight into the state page: the CPU pushes its frame
 * below STATE_STACK_TOP, which is RSP0 while the process is loaded.
 */
#ifndef KERNEL_ABI_PROCESS_H
#define KERNEL_ABI_PROCESS_H

#include "kernel/abi/cap.h"

enum process_slot {
	/* 0-15 are the capability registers. */
	SLOT_SPACE = 16,
	SLOT_KEEPER,
	SLOT_SCHEDULE,
	SLOT_BRAND,
	SLOT_IO, /* A port range to be mapped into the I/O bitmap, or void. */
	SLOT_STATE,
	SLOT_PROCESS_COUNT,
};

/* How a process came by the capability in a slot: 2 bits of `origins`. */
enum slot_origin {
	ORIGIN_MESSAGE, /* It received it, from a process or the kernel. */
	ORIGIN_BUILT,   /* The volume builder put it there. */
	ORIGIN_PLACED,  /* Who holds the process capability put it there. */
	ORIGIN_KERNEL,  /* The kernel: the state page. */
};

enum process_state {
	PS_AVAILABLE, /* Waits for a call or a notice. */
	PS_RUNNING,   /* Also when it is queued on something. */
	PS_WAITING,   /* Waits for a reply, or for its keeper. */
};

/* Node header flags of a process node, set by system.dts or its builder. */
enum process_flags {
	PF_RESIDENT = 1 << 0, /* In the paging closure (F5). */
	PF_RESERVE  = 1 << 1, /* May use the small credit reserve (F7). */
	PF_FOREIGN  = 1 << 2, /* System calls are faults to the keeper (D16). */
};

enum fault_code {
	FAULT_NONE,
	FAULT_UNMAPPED,    /* Nothing there. */
	FAULT_ACCESS,      /* Write to read-only, or execute of no-execute. */
	FAULT_MALFORMED,   /* The address space is malformed (S1). */
	FAULT_MEDIA,       /* The page could not be read back intact. */
	FAULT_RESTARTED,   /* The page belonged to an earlier boot (D7). */
	FAULT_DIVIDE,      /* #DE */
	FAULT_DEBUG,       /* #DB: single step. */
	FAULT_BREAKPOINT,  /* #BP */
	FAULT_INSTRUCTION, /* #UD */
	FAULT_PROTECTION,  /* #GP, #SS, #NP, #TS, #AC */
	FAULT_FLOAT,       /* #MF, #XM */
	FAULT_CPU_FEATURE, /* The state needs what this CPU lacks (S5). */
	FAULT_FOREIGN,     /* A system call of a foreign process. */
	FAULT_CODE_COUNT,
};

/*
 * Word 3 of the message of a FAULT_FOREIGN; below these the vector of INT n.
 */
enum foreign_call {
	FOREIGN_SYSCALL = 256,
	FOREIGN_SYSENTER,
};

enum fault_access {
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_EXECUTE,
};

/*
 * The message to a keeper (D4). Word 0 is one of these, word 1 the enum
 * fault_code, word 2 the address (for a segment keeper the offset within its
 * segment), word 3 the enum fault_access or the CPU's error code, word 4 the
 * program counter. Capabilities: slot 0 the guarded node, not opaque, for a
 * segment keeper, or the process, if the keeper slot's capability has not the
 * right OPAQUE; slot 3 the restart capability, whose orders (restart.idl) are
 * the answers. With a FAULT_FOREIGN comes the string struct register_set, the
 * program counter behind the call, unless the keeper slot has OPAQUE.
 */
enum keeper_order {
	KEEPER_SEGMENT = 0xfa00,
	KEEPER_PROCESS,
};

enum {
	STATE_REGS_OFFSET  = 0x90, /* struct registers ends at 0x140. */
	STATE_STACK_TOP    = 0x140,
	STATE_XSAVE_OFFSET = 0x400,
	XSAVE_FORMAT_1     = 1, /* x87, SSE, AVX, standard form (S5). */
	XSAVE_BYTES        = 832,
};

/* General registers as the entry code pushes them, lowest address first. */
struct registers {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t trap;  /* Vector; TRAP_SYSCALL for an invocation. */
	uint64_t error; /* The CPU's error code, or 0. */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* As state_page has them, and as they are fetched, told and set. */
struct register_set {
	struct registers regs;
	uint64_t         fs_base, gs_base;
};

/*
 * Pages that a keeper has lent for the instruction at `rip` (D4). Means nothing
 * once the page has been away from memory: a loan does not outlive a restart.
 */
/*
 * A string of STRING_MAX anywhere and the SYSCALL that sends it need 19, a
 * gather of eight words 18.
 */
enum { LOAN_PAGES = 20 };
struct loan {
	uint64_t rip;
	uint32_t n;
	uint32_t reads; /* 1: it was read at, which SYSCALL does for a string. */
	struct {
		uint64_t   address;
		uint64_t   write; /* The access that it was lent for. */
		struct cap page;
	} page[LOAN_PAGES];
};

struct state_page {
	uint64_t node_oid;   /* The process node this page belongs to. */
	uint32_t node_count; /* And its allocation count. */
	uint8_t  state;      /* enum process_state. */
	uint8_t  fault;      /* enum fault_code; not FAULT_NONE: faulted. */
	uint8_t  access;     /* enum fault_access, for memory faults. */
	uint8_t  xformat;    /* XSAVE_FORMAT_1. */
	uint64_t call_number;
	uint64_t notices; /* Pending notice bits. */
	uint64_t fault_address;
	uint64_t fault_info; /* The fault's error code. */
	uint8_t  name[16];     /* For ps; set by the builder, not unique. */
	uint64_t instructions; /* Reserved for accounting. */
	uint64_t ticks;        /* CPU time consumed, ns, as last charged. */
	uint8_t  fault_rights; /* Of the way to the guard whose keeper was told,
	                          or of the capability to a process keeper. */
	uint8_t  unused[63];
	struct registers regs;
	uint64_t fs_base, gs_base;
	uint8_t  unused2[STATE_XSAVE_OFFSET - 0x150];
	uint8_t  xsave[XSAVE_BYTES];
	struct loan loan;
	uint8_t  unused3[PAGE_SIZE - STATE_XSAVE_OFFSET - XSAVE_BYTES -
	    sizeof(struct loan)];
};

_Static_assert(sizeof(struct registers) == 0xb0, "22 registers");
_Static_assert(
    offsetof(struct state_page, regs) == STATE_REGS_OFFSET, "registers");
_Static_assert(
    offsetof(struct state_page, fs_base) == STATE_STACK_TOP, "RSP0");
_Static_assert(
    offsetof(struct state_page, xsave) == STATE_XSAVE_OFFSET, "XSAVE");
_Static_assert(sizeof(struct register_set) == 192, "as the .idl files say");
_Static_assert(offsetof(struct state_page, gs_base) - STATE_REGS_OFFSET ==
	offsetof(struct register_set, gs_base),
    "one struct register_set");
_Static_assert(sizeof(struct state_page) == PAGE_SIZE, "one page");

#endif
