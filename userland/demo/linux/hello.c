/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program for Linux, linked as one and not changed for anything here: it
 * writes a line and ends, by Linux's system calls (man 2 syscall), and knows
 * of nothing else. `demo linux` runs it, as a foreign process (D16).
 */
enum {
	LINUX_WRITE      = 1,
	LINUX_EXIT_GROUP = 231,
	STDOUT           = 1,
};

void _start(void);

static long
call(long number, long a, const void *b, unsigned long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

void
_start(void)
{
	static const char text[] = "Hello from a program for Linux\n";
	const long        n = sizeof(text) - 1;

	(void)call(LINUX_EXIT_GROUP,
	    call(LINUX_WRITE, STDOUT, text, sizeof(text) - 1) == n ? 0 : 1,
	    (const void *)0, 0);
	for (;;)
		;
}
