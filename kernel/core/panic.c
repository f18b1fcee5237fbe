/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Panic: say where and why on the panic consoles, show the end of the log, and
 * stop. A panic within a panic stops at once.
 */
#include "kernel/core/panic.h"

#include "kernel/core/format.h"
#include "kernel/hal/hal.h"

enum { LOG_TAIL = 512 };

static void
put(char c, void *context)
{
	(void)context;
	hal_panic_byte(c);
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	format_put(put, NULL, format, list);
	va_end(list);
}

static void
enter_once(void)
{
	static bool entered;

	if (entered)
		hal_halt();
	entered = true;
	say("\n*** panic: ");
}

static void
say_log_tail(void)
{
	char     tail[LOG_TAIL];
	size_t   n = 0;
	uint64_t end = log_read(UINT64_MAX, tail, 0, &n);

	(void)log_read(end > LOG_TAIL ? end - LOG_TAIL : 0, tail, LOG_TAIL, &n);
	say("the log ends:\n");
	for (size_t i = 0; i < n; i++)
		put(tail[i], NULL);
	say("*** stopped\n");
}

static void
say_registers(const struct registers *r)
{
	say("rip %lx cs %lx rflags %lx rsp %lx ss %lx\n", r->rip, r->cs,
	    r->rflags, r->rsp, r->ss);
	say("rax %lx rbx %lx rcx %lx rdx %lx\n", r->rax, r->rbx, r->rcx,
	    r->rdx);
	say("rsi %lx rdi %lx rbp %lx r8 %lx\n", r->rsi, r->rdi, r->rbp, r->r8);
	say("r9 %lx r10 %lx r11 %lx r12 %lx\n", r->r9, r->r10, r->r11, r->r12);
	say("r13 %lx r14 %lx r15 %lx\n", r->r13, r->r14, r->r15);
}

void
panic_at(const char *file, int line, const char *what)
{
	const uint64_t caller = (uint64_t)__builtin_return_address(0);

	enter_once();
	say("%s:%u: %s\n", file, (unsigned)line, what);
	say("called from %lx\n", caller);
	say_log_tail();
	hal_halt();
}

void
panic_trap(const char *what, const struct registers *r, uint64_t address)
{
	enter_once();
	say("%s: vector %lu, error %lx, address %lx\n", what, r->trap, r->error,
	    address);
	say_registers(r);
	say_log_tail();
	hal_halt();
}
