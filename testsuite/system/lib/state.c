/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine did when a wait for it failed: state.txt in its directory
 * tells one that hangs, and where, from one that is only slow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/internal.h"

enum { SAMPLES = 8 };

static bool
answer(struct vm *vm, FILE *f, const char *line)
{
	char *text = vm_hmp(vm, line);

	if (text == NULL)
		return false;
	fprintf(f, "--- %s\n", line);
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '\r')
			fputc(*p, f);
	fputc('\n', f);
	free(text);
	return true;
}

/* The program counter some times over, with what the disk has done by then. */
static bool
samples(struct vm *vm, FILE *f)
{
	for (unsigned i = 0; i < SAMPLES; i++)
		if (!answer(vm, f, "info registers") ||
		    !answer(vm, f, "info blockstats") || !vm_wait_moment(vm))
			return false;
	return true;
}

static void
write_state(struct vm *vm)
{
	char  path[sizeof(vm->dir) + sizeof("/state.txt")];
	FILE *f;

	snprintf(path, sizeof(path), "%s/state.txt", vm->dir);
	f = fopen(path, "w");
	if (f == NULL)
		return;
	/* Each of these says itself that QEMU does not answer. */
	if (samples(vm, f) && answer(vm, f, "info lapic") &&
	    answer(vm, f, "info pic"))
		(void)answer(vm, f, "info irq");
	(void)fclose(f);
}

void
vm_unmet(struct vm *vm, unsigned port, const char *what, const char *detail)
{
	bool first = !vm->failed && !vm->closed;

	vm_complain(vm, port, what, detail);
	if (first)
		write_state(vm);
}
