/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the benchmarks and prints `name<TAB>instructions`.
 *
 *	bench [--profile [--addresses]] [NAME...]
 *
 * Named are those to be printed; without names all. --profile prints behind
 * each how many instructions of its one run each function of the kernel took;
 * that run includes what the test itself does in user mode before and after.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/vm.h"

enum { DEADLINE_S = 120 };

static char profile_out[300];

static bool
wanted(const char *name, size_t n, char **names)
{
	if (names[0] == NULL)
		return true;
	for (; names[0] != NULL; names++)
		if (strlen(names[0]) == n && strncmp(names[0], name, n) == 0)
			return true;
	return false;
}

/* The functions of the next span of the profiler's file. */
static void
print_span(FILE *f, bool print)
{
	char line[200];
	bool inside = false;

	while (f != NULL) {
		long at = ftell(f);

		if (fgets(line, sizeof(line), f) == NULL)
			return;
		if (strncmp(line, "span\t", 5) == 0) {
			if (inside) {
				fseek(f, at, SEEK_SET);
				return;
			}
			inside = true;
		}
		if (print)
			printf("        %s", line);
	}
}

/* Names that no line has: says so, and where they are. */
static int
complain(const char *text, char **names)
{
	int unknown = 0;

	for (; names[0] != NULL; names++) {
		const size_t n = strlen(names[0]);
		const char  *p = text;

		while ((p = strstr(p, names[0])) != NULL &&
		    (p[n] != '\t' || (p > text && p[-1] != '\n')))
			p++;
		if (p == NULL) {
			fprintf(stderr, "bench: there is no operation %s; "
			    "testsuite/bench/bounds lists them\n",
			    names[0]);
			unknown++;
		}
	}
	return unknown;
}

static int
print_lines(const char *text, char **names, FILE *profile)
{
	const char *all = text;
	int         printed = 0, failed = 0;

	for (const char *end; (end = strchr(text, '\n')) != NULL;
	     text = end + 1) {
		const char *tab = memchr(text, '\t', (size_t)(end - text));

		if (strncmp(text, "bench: failed", 13) == 0) {
			fprintf(stderr, "%.*s\n", (int)(end - text), text);
			failed++;
		}
		if (tab == NULL)
			continue;
		if (wanted(text, (size_t)(tab - text), names)) {
			printf("%.*s\n", (int)(end - text), text);
			printed++;
			print_span(profile, true);
		} else {
			print_span(profile, false);
		}
	}
	return complain(all, names) > 0 || printed == 0 || failed > 0;
}

static bool
run(const char *build, bool profile, bool addresses, char **names)
{
	char        image[256], plugin[600];
	const char *args[] = {"-icount", "shift=0", "-device", "edu,addr=0x5",
	    profile ? "-plugin" : NULL, plugin, NULL};
	struct vm  *vm;
	FILE       *f = NULL;
	bool        ok;

	snprintf(image, sizeof(image), "%s/bench/bench.img", build);
	snprintf(
	    profile_out, sizeof(profile_out), "%s/bench/profile.txt", build);
	snprintf(plugin, sizeof(plugin),
	    "%s/plugin/profile.so,symbols=%s/bench/symbols,out=%s%s", build,
	    build, profile_out, addresses ? ",addresses=on" : "");
	vm = vm_start(&(struct vm_config){
	    .image = image, .snapshot = true, .no_reboot = true, .args = args});
	if (vm == NULL)
		return false;
	ok = vm_expect_re(vm, "^bench: done|panic", DEADLINE_S);
	if (ok && profile)
		f = fopen(profile_out, "r");
	ok = ok && strstr(vm_transcript(vm, 0), "bench: done") != NULL &&
	    print_lines(vm_transcript(vm, 0), names, f) == 0;
	vm_free(vm);
	if (f != NULL)
		fclose(f);
	return ok;
}

int
main(int argc, char **argv)
{
	bool profile = false, addresses = false;
	int  i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--profile") == 0) {
			profile = true;
		} else if (strcmp(argv[i], "--addresses") == 0) {
			addresses = true;
		} else {
			fprintf(stderr,
			    "usage: bench [--profile "
			    "[--addresses]] [NAME...]\n");
			return 2;
		}
	}
	return run(getenv("ANTEROS_BUILD"), profile, addresses, argv + i) ? 0
									  : 1;
}
