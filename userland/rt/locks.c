/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's locks. A domain has one thread; the library's own versions
 * would enter Linux.
 */
void __lock(volatile int *lock);
void __unlock(volatile int *lock);
int  __lockfile(void *file);
void __unlockfile(void *file);

void
__lock(volatile int *lock)
{
	(void)lock;
}

void
__unlock(volatile int *lock)
{
	(void)lock;
}

int
__lockfile(void *file)
{
	(void)file;
	return 0;
}

void
__unlockfile(void *file)
{
	(void)file;
}
