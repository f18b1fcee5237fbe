/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer with a store: a volume, a disk driver, workers made of persistent
 * objects (domain/store.c), and too little memory. The machine is killed at
 * random moments; then the volume must be good, and after the next boot the
 * workers go on, and what no worker can reach is as it was at the checkpoint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/fuzz/qemu.h"
#include "testsuite/system/lib/vm.h"
#include "testsuite/system/lib/work.h"

enum {
	MEMORY_MB = 24,
	VOLUME_MB = 384,
	LIFE_LEAST = 40000, /* Invocations from one boot to the next. */
	LIFE_MORE = 60000,
	LIVES_LEAST = 2,
	THERE_LEAST = 4, /* Workers that a restart brings back, of 6. */
	NONE_MOST =
	    1, /* Restarts in turn after which all six wait for each other. */
	SILENT_S = 60, /* Then it hangs. */
	LINE = 400,
};

/* What the warden has said in the log. */
struct life {
	FILE    *log;
	char     line[LINE];
	size_t   n;
	uint64_t first, last;               /* Invocations, in all. */
	uint64_t in, out, snapshots, looks; /* Of this boot; looks: in all. */
	unsigned there, went_on;
	unsigned reports;
	bool     began, restarted, wrong;
};

static bool
make_volume(uint64_t seed)
{
	return work_shell("{ sed 's/source = \"persistent\"; };/source = "
			  "\"persistent\"; length = <61440>; };/' "
			  "userland/system.dts; sed 's/<SEED>/<%lu>/' "
			  "testsuite/fuzz/store.dts; } | "
			  "dtc -q -i userland -W no-unit_address_vs_reg -I dts "
			  "-O dtb -o $W/store.dtb - && "
			  "$T/mkvolume --system $W/store.dtb --build $B "
			  "--kernel $B/kernel-debug.elf --size %u "
			  "--out $W/store.img >/dev/null",
		   seed, VOLUME_MB) == 0;
}

/* --- The log ---------------------------------------------------------------
 */

static void
take_line(struct life *l)
{
	uint64_t n, in, out, snapshots, looks, wrong;

	if (strstr(l->line, "fuzz: WRONG") != NULL ||
	    strstr(l->line, "fuzz: warden") != NULL ||
	    strstr(l->line, "panic") != NULL ||
	    strstr(l->line, "does not verify") != NULL) {
		fprintf(stderr, "%s\n", l->line);
		l->wrong = true;
	}
	if (sscanf(l->line, "fuzz: restart %*u: %u workers there, %u went on",
		&l->there, &l->went_on) == 2)
		l->restarted = true;
	if (sscanf(l->line,
		"fuzz: %lu invocations, %*u faults, %*u rebuilds; %lu in, %lu "
		"out, %lu snapshots; %lu looks, %lu wrong",
		&n, &in, &out, &snapshots, &looks, &wrong) != 6)
		return;
	if (!l->began)
		l->first = n;
	l->began = true;
	l->reports++;
	l->last = n;
	l->in = in;
	l->out = out;
	l->snapshots = snapshots;
	l->looks = looks;
	l->wrong |= wrong != 0;
}

static void
read_log(struct life *l)
{
	int c;

	clearerr(l->log);
	while ((c = getc(l->log)) != EOF) {
		if (c == '\n') {
			l->line[l->n] = '\0';
			l->n = 0;
			take_line(l);
		} else if (l->n < LINE - 1) {
			l->line[l->n++] = (char)c;
		}
	}
}

static bool
open_log(struct life *l, struct vm *vm)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/kernel.log", vm_dir(vm));
	l->log = fopen(path, "r");
	return l->log != NULL;
}

/* --- From power-on to the kill ---------------------------------------------
 */

static bool
lived(const struct life *l, uint64_t count, bool again)
{
	return l->began && l->last - l->first >= count &&
	    (!again || l->restarted);
}

/*
 * So many invocations; after a restart all must have come back, too. Slow is
 * one thing, silent another: the warden reports five times a second.
 */
static bool
live(struct life *l, struct vm *vm, uint64_t count, bool again)
{
	const long long end = vm_deadline(fuzz_deadline(count));
	long long       heard = vm_deadline(SILENT_S);
	unsigned        reports = 0;

	while (!lived(l, count, again) && !l->wrong) {
		if (l->reports != reports)
			heard = vm_deadline(SILENT_S);
		reports = l->reports;
		if (!vm_look_again(vm, heard < end ? heard : end)) {
			vm_gave_up(vm,
			    again && !l->restarted
				? "the workers have not come back"
				: "it does not go on");
			return false;
		}
		read_log(l);
	}
	if (l->wrong || (again && l->there < THERE_LEAST))
		return false;
	return l->snapshots > 0 && l->in > 0 && l->out > 0;
}

static bool
one_life(struct life *l, uint64_t count, bool again)
{
	struct vm *vm = vm_start(&(struct vm_config){
	    .image = work_path("store.img"),
	    .no_reboot = true,
	    .memory_mb = MEMORY_MB,
	});
	bool       ok;

	*l = (struct life){.n = 0};
	if (vm == NULL)
		return false;
	ok = open_log(l, vm) && live(l, vm, count, again);
	vm_kill9(vm);
	if (l->log != NULL)
		fclose(l->log);
	fprintf(stderr,
	    "fuzz: store: %lu invocations, %lu in, %lu out, %lu snapshots; "
	    "%u workers there, %u went on; killed\n",
	    l->last - l->first, l->in, l->out, l->snapshots, l->there,
	    l->went_on);
	ok = work_check(work_path("store.img")) && ok;
	if (!ok) {
		fprintf(stderr, "fuzz: store: see %s/kernel.log\n", vm_dir(vm));
		vm_keep(vm);
	}
	vm_free(vm);
	return ok;
}

uint64_t
fuzz_store(uint64_t seed, uint64_t count)
{
	uint64_t    done = 0, random = seed * 2 + 1;
	unsigned    none = 0;
	struct life l;

	if (!make_volume(seed))
		return 0;
	for (unsigned lives = 0;
	     done < count || lives < LIVES_LEAST || none > 0; lives++) {
		random = random * UINT64_C(6364136223846793005) + 1;
		if (!one_life(
			&l, LIFE_LEAST + (random >> 33) % LIFE_MORE, lives > 0))
			return 0;
		done += l.last - l.first;
		none = lives > 0 && l.went_on == 0 ? none + 1 : 0;
		if (none > NONE_MOST) {
			fprintf(stderr, "fuzz: store: again none went on\n");
			return 0;
		}
	}
	return done;
}
