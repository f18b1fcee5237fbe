/* SPDX-License-Identifier: BSD-2-Clause */
/* A keeper for programs of Linux on x86-64 (D16): what their calls mean. */
#include <errno.h>

#include "userland/lib/foreign.h"

enum { WRITE = 1, EXIT = 60, EXIT_GROUP = 231, STDOUT = 1, STDERR = 2 };

/* write(2): all that there is room for, if there is any. */
static int64_t
do_write(uint64_t to, uint64_t address, uint64_t bytes)
{
	const size_t n = bytes < foreign_room() ? bytes : foreign_room();

	if (to != STDOUT && to != STDERR)
		return -EBADF;
	if (n == 0 && bytes > 0)
		return -ENOSPC;
	return foreign_say(address, n) == RC_OK ? (int64_t)n : -EFAULT;
}

/* syscall(2): the number in RAX, arguments in RDI, RSI, RDX; RAX answers. */
static bool
call(struct register_set *r, uint64_t *code)
{
	struct registers *regs = &r->regs;

	switch (regs->rax) {
	case EXIT:
	case EXIT_GROUP:
		*code = regs->rdi & 0xff;
		return false;
	case WRITE:
		regs->rax =
		    (uint64_t)do_write(regs->rdi, regs->rsi, regs->rdx);
		return true;
	default:
		regs->rax = (uint64_t)-ENOSYS;
		return true;
	}
}

int
main(void)
{
	foreign_keep(FOREIGN_SYSCALL, call);
}
