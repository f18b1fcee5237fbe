/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine did when a wait for it failed: state.txt in its directory
 * tells one that hangs, and where, from one that is only slow; the gist of it,
 * and the end of kernel.log, are also said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/internal.h"

enum { SAMPLES = 8, LOG_SHOWN = 1000 };

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

enum { PATH = sizeof(((struct vm *)NULL)->dir) + sizeof("/kernel.log") };

static FILE *
open_in(const struct vm *vm, const char *name, const char *mode)
{
	char path[PATH];

	snprintf(path, sizeof(path), "%s/%s", vm->dir, name);
	return fopen(path, mode);
}

static void
write_state(struct vm *vm)
{
	FILE *f = open_in(vm, "state.txt", "w");

	if (f == NULL)
		return;
	/* Each of these says itself that QEMU does not answer. */
	if (samples(vm, f) && answer(vm, f, "info lapic") &&
	    answer(vm, f, "info pic"))
		(void)answer(vm, f, "info irq");
	(void)fclose(f);
}

/* The word that begins at `at`, if there is one. */
static void
say_word(const char *at)
{
	if (at != NULL)
		fprintf(stderr, " %.*s", (int)strcspn(at, " \r\n"), at);
}

/*
 * Where the processor stood and what the disks had done, a line for each
 * sample: of a machine that is not there any more, its log may be all there is.
 */
static void
say_state(const struct vm *vm)
{
	static const char *const words[] = {
	    "IP=", "HLT=", "rd_operations=", "wr_operations="};
	char  line[400];
	FILE *f = open_in(vm, "state.txt", "r");

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "--- info registers", 18) == 0)
			fprintf(stderr, "\n---");
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			say_word(strstr(line, words[i]));
	}
	(void)fclose(f);
}

static void
say_log(const struct vm *vm)
{
	char  text[LOG_SHOWN];
	FILE *f = open_in(vm, "kernel.log", "r");

	if (f == NULL)
		return;
	if (fseek(f, -LOG_SHOWN, SEEK_END) != 0)
		rewind(f);
	fprintf(stderr, "\n--- the end of kernel.log\n%.*s\n---\n",
	    (int)fread(text, 1, sizeof(text), f), text);
	(void)fclose(f);
}

void
vm_unmet(struct vm *vm, unsigned port, const char *what, const char *detail)
{
	bool first = !vm->failed && !vm->closed;

	vm_complain(vm, port, what, detail);
	if (first) {
		write_state(vm);
		say_state(vm);
		say_log(vm);
	}
}

void
vm_gave_up(struct vm *vm, const char *what)
{
	vm_unmet(vm, 0, "gave up", what);
}
