/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The figures that need the whole system, by the counting plugin:
 * `name<TAB>instructions<TAB>nanoseconds`, the latter on the wall.
 *
 *	bench-system KERNEL-SYMBOLS small|large [PLUGIN]
 *
 * With a plugin of one's own, and its arguments, only what the spans are is
 * printed: `NAME PER SPANS`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/shell.h"

enum {
	DEADLINE_S = 150,
	SAMPLES = 512, /* Of a machine's run, and of one figure. */
	SMALL_MB = 64,
	LARGE_MB = 512,
	DEFAULT_MB = 256,
	BOOTS = 3,
};

struct figure {
	uint64_t instructions, ns;
};

/* What the plugin wrote: the spans, and the last path before the end of each.
 */
struct counted {
	struct figure span[SAMPLES], path[SAMPLES];
	struct figure total;
	unsigned      n, next;
};

static struct figure idle; /* A checkpoint of nothing. */

/* --- The kernel's symbols --------------------------------------------------
 */

static const char *symbols_path;

static uint64_t
address_of(const char *name)
{
	FILE    *f = fopen(symbols_path, "r");
	char     line[512], kind, found[128];
	uint64_t at;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%" SCNx64 " %c %127s", &at, &kind, found) ==
			3 &&
		    strcmp(found, name) == 0) {
			fclose(f);
			return at;
		}
	fprintf(stderr, "%s: no %s\n", symbols_path, name);
	exit(1);
}

/* --- One machine -----------------------------------------------------------
 */

static char        plugin[1200], counted_path[300];
static const char *other_plugin;

static struct vm *
start(const char *image, unsigned memory)
{
	static const char *const args[] = {"-plugin", plugin, NULL};
	const char              *build = getenv("ANTEROS_BUILD");

	snprintf(
	    counted_path, sizeof(counted_path), "%s/bench/counted.txt", build);
	snprintf(plugin, sizeof(plugin),
	    "%s/plugin/insn.so,out=%s,begin=%" PRIx64 ",from=%" PRIx64
	    ",via=%" PRIx64 ",to=%" PRIx64 ",or=%" PRIx64,
	    build, counted_path, address_of("arch_entry"),
	    address_of("syscall_entry"), address_of("method_snapshot_take"),
	    address_of("hal_resume_syscall"), address_of("hal_resume"));
	if (other_plugin != NULL)
		snprintf(plugin, sizeof(plugin), "%s", other_plugin);
	return vm_start(&(struct vm_config){.image = image,
	    .memory_mb = memory,
	    .snapshot = true,
	    .no_reboot = true,
	    .args = args});
}

static bool
read_counted(struct counted *c)
{
	FILE         *f = fopen(counted_path, "r");
	char          kind[16];
	struct figure got, path = {0};

	*c = (struct counted){.n = 0};
	if (f == NULL)
		return false;
	while (fscanf(f, "%15s %" SCNu64 " %" SCNu64, kind, &got.instructions,
		   &got.ns) == 3) {
		if (strcmp(kind, "path") == 0) {
			path = got;
		} else if (strcmp(kind, "total") == 0) {
			c->total = got;
		} else if (strcmp(kind, "span") == 0 && c->n < SAMPLES) {
			c->path[c->n] = path;
			c->span[c->n++] = got;
		}
	}
	fclose(f);
	return true;
}

/* --- Figures ---------------------------------------------------------------
 */

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t
median_of(const struct figure *f, unsigned n, bool ns)
{
	uint64_t value[SAMPLES];

	for (unsigned i = 0; i < n; i++)
		value[i] = ns ? f[i].ns : f[i].instructions;
	qsort(value, n, sizeof(value[0]), compare);
	return value[n / 2];
}

static struct figure
median(const struct figure *f, unsigned n)
{
	return (struct figure){median_of(f, n, false), median_of(f, n, true)};
}

/*
 * The one with the fewest instructions: a tick, another's turn, requests that
 * fall together badly only ever add to what the thing itself takes, and a busy
 * host has more of them.
 */
static struct figure
least(const struct figure *f, unsigned n)
{
	struct figure best = f[0];

	for (unsigned i = 1; i < n; i++)
		if (f[i].instructions < best.instructions)
			best = f[i];
	return best;
}

static void
print(const char *prefix, const char *name, struct figure f, unsigned per)
{
	printf("%s%s\t%" PRIu64 "\t%" PRIu64 "\n", prefix, name,
	    f.instructions / per, f.ns / per);
}

static uint64_t
less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* What the domain says of the next spans. */
static bool
figure(struct counted *c, const char *name, unsigned per, unsigned n)
{
	const struct figure *span = c->span + c->next;
	const struct figure *path = c->path + c->next;
	struct figure        f;

	if (n == 0 || per == 0 || c->next + n > c->n) {
		fprintf(stderr, "%s: %u spans were counted\n", name, c->n);
		return false;
	}
	c->next += n;
	f = least(span, n);
	if (strcmp(name, "checkpoint_idle") == 0)
		idle = f;
	if (strncmp(name, "page_out", 8) == 0)
		f = (struct figure){less(f.instructions, idle.instructions),
		    less(f.ns, idle.ns)};
	if (name[0] >= '0' && name[0] <= '9') {
		print("snapshot_", name, median(path, n), 1);
		print("checkpoint_", name, f, per);
	} else {
		print("", name, f, per);
	}
	return true;
}

static bool
figures(const char *image, unsigned memory)
{
	static struct counted c;
	struct vm            *vm = start(image, memory);
	const char           *line;
	bool                  ok;

	ok = vm != NULL &&
	    vm_expect_re(vm, "^bench: (done|failed.*)$|panic", DEADLINE_S) &&
	    vm_quit(vm) && (other_plugin != NULL || read_counted(&c));
	if (ok && strstr(vm_match(vm, 0), "done") == NULL) {
		fprintf(stderr, "%s\n", vm_match(vm, 0));
		ok = false;
	}
	for (line = ok ? strstr(vm_transcript(vm, 0), "bench: ") : NULL;
	     line != NULL; line = strstr(line + 1, "bench: ")) {
		char     name[64];
		unsigned per, n;

		if (sscanf(line, "bench: %63s %u %u", name, &per, &n) != 3)
			continue;
		if (other_plugin != NULL)
			printf("%s %u %u\n", name, per, n);
		else
			ok = figure(&c, name, per, n) && ok;
	}
	vm_free(vm);
	fflush(stdout);
	return ok;
}

/*
 * From the kernel's first instruction until the prompt has come: the machine
 * is idle then for long enough to end it before anything else happens. Who
 * looks for something every so often does so more often while a slow host
 * boots.
 */
static bool
boot_figure(const char *image)
{
	static struct counted c;
	struct figure         boot[BOOTS];

	for (unsigned i = 0; i < BOOTS; i++) {
		struct vm *vm = start(image, DEFAULT_MB);
		bool       ok = vm != NULL && shell_ready(vm) && vm_quit(vm) &&
		    read_counted(&c);

		vm_free(vm);
		if (!ok)
			return false;
		boot[i] = c.total;
	}
	print("", "kernel_to_prompt", least(boot, BOOTS), 1);
	return true;
}

int
main(int argc, char **argv)
{
	char image[256];
	bool ok, large;

	if (argc != 3 && argc != 4) {
		fprintf(
		    stderr, "usage: bench-system KERNEL-SYMBOLS small|large\n");
		return 2;
	}
	symbols_path = argv[1];
	other_plugin = argc == 4 ? argv[3] : NULL;
	snprintf(image, sizeof(image), "%s/bench/system.img",
	    getenv("ANTEROS_BUILD"));
	large = strcmp(argv[2], "large") == 0;
	ok = large || other_plugin != NULL ||
	    boot_figure(getenv("ANTEROS_IMAGE"));
	ok = figures(image, large ? LARGE_MB : SMALL_MB) && ok;
	return ok ? 0 : 1;
}
