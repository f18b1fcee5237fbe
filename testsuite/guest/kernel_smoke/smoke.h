/* SPDX-License-Identifier: BSD-2-Clause */
/* What the user program asks of the smoke kernel; macros for assembly. */
#ifndef TESTSUITE_GUEST_KERNEL_SMOKE_SMOKE_H
#define TESTSUITE_GUEST_KERNEL_SMOKE_SMOKE_H

#define SMOKE_CODE    0x400000 /* Page of the program, read and execute. */
#define SMOKE_DATA    0x600000 /* Page of data, read and write. */
#define SMOKE_LAST    0x7ffffffff000 /* Last page: SYSCALL in its last bytes. */

#define OP_REGISTERS  1 /* All registers hold what they should; changes some. \
	                 */
#define OP_PASS       2 /* rdi: source line. */
#define OP_FAIL       3
#define OP_IPI        4  /* rdi: low word of the interrupt command. */
#define OP_TIMER      5  /* Sets the data page's first word after 1 ms. */
#define OP_IO         6  /* Opens ports rdi to rdi + rsi - 1; 0: closes. */
#define OP_SWITCH     7  /* Loads another process for a moment. */
#define OP_FEATURES   8  /* rdi: hal_features. */
#define OP_PIT        9  /* Interrupt on ISA 0 soon, sets the second word. */
#define OP_IDLE       10 /* Goes on after a timer interrupt while idle. */
#define OP_DONE       11

/* enum fault_code, checked in main.c. */
#define F_PAGE        1 /* Any fault by entry_page_fault. */
#define F_DIVIDE      6
#define F_DEBUG       7
#define F_BREAKPOINT  8
#define F_INSTRUCTION 9
#define F_PROTECTION  10
#define F_FLOAT       11
#define A_READ        0
#define A_WRITE       0x100
#define A_EXECUTE     0x200

#define PATTERN(n)    (0x1111111111111111 * (n) + 0x12)

#endif
