/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCG plugin that counts the instructions a guest executes between markers.
 *
 * RDTSC under -icount counts idle time as if it were executed; this does not,
 * so figures that span a wait are taken with it, of any guest. The markers
 * are exchanges of a register with itself, which change nothing and may be
 * executed at any privilege (64-bit mode only: the REX prefix is part of
 * them):
 *
 *	xchg %r10,%r10	4d 87 d2  mark: prints the count since the last
 *	xchg %r11,%r11	4d 87 db  start of a span
 *	xchg %r13,%r13	4d 87 ed  stop: prints the count since the start
 *
 * Each line is KIND<TAB>INSTRUCTIONS<TAB>NANOSECONDS, the latter on the wall,
 * KIND mark, span or (at QEMU's end, since its start) total. Markers are not
 * counted in marks and spans. A stop without a start prints nothing.
 *
 *	qemu-system-x86_64 -plugin build/plugin/insn.so,out=FILE[,...] ...
 *
 * Without out= the lines go to standard error. Code that may hold no marker is
 * counted by its addresses (as `nm` has them, virtual):
 *
 *	begin=ADDRESS	total counts from the first execution of it on
 *	from=ADDRESS,via=ADDRESS,to=ADDRESS[,or=ADDRESS]
 *			prints a line `path`: from the last execution of
 *			from before one of via, to the next of to or or (not
 *			counted). from is, say, a system call's entry, via the
 *			one that is meant, to and or the ways out of all.
 */
#include "testsuite/bench/plugin/qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A point of the run. */
struct point {
	uint64_t instructions;
	uint64_t ns;
	bool     set;
};

/* Code that is looked for by its address; 0: not wanted. */
enum place { BEGIN, FROM, VIA, TO, OR, PLACES };

static const char *const place_name[PLACES] = {
    [BEGIN] = "begin=",
    [FROM] = "from=",
    [VIA] = "via=",
    [TO] = "to=",
    [OR] = "or=",
};

static struct {
	uint64_t     executed;
	struct point begin, mark, start, from;
	bool         passed; /* via, since from. */
	uint64_t     place[PLACES];
	FILE        *out;
} count;

static struct point
here(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct point){
	    .instructions = count.executed,
	    .ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec,
	    .set = true,
	};
}

static void
print(const char *kind, struct point since, struct point now, uint64_t markers)
{
	/* Flushed, for who reads the file while QEMU runs, or kills it. */
	fprintf(count.out, "%s\t%" PRIu64 "\t%" PRIu64 "\n", kind,
	    now.instructions - since.instructions - markers, now.ns - since.ns);
	fflush(count.out);
}

/*
 * A call-back runs before its instruction is counted, so the difference of
 * two of them counts the first marker and not the second.
 */
static void
on_mark(unsigned cpu, void *argument)
{
	struct point now = here();

	(void)cpu;
	(void)argument;
	print("mark", count.mark.set ? count.mark : count.begin, now,
	    count.mark.set ? 1 : 0);
	count.mark = now;
}

static void
on_start(unsigned cpu, void *argument)
{
	(void)cpu;
	(void)argument;
	count.start = here();
}

static void
on_stop(unsigned cpu, void *argument)
{
	(void)cpu;
	(void)argument;
	if (count.start.set)
		print("span", count.start, here(), 1);
	count.start.set = false;
}

static void
on_place(unsigned cpu, void *argument)
{
	(void)cpu;
	switch ((enum place)(uintptr_t)argument) {
	case BEGIN:
		if (count.place[BEGIN] != 0)
			count.begin = here();
		count.place[BEGIN] = 0;
		break;
	case FROM:
		count.from = here();
		count.passed = false;
		break;
	case VIA:
		count.passed = count.from.set;
		break;
	case TO:
	case OR:
		if (count.passed)
			print("path", count.from, here(), 0);
		count.passed = false;
		break;
	case PLACES:
		break;
	}
}

static void
on_end(qemu_plugin_id_t id, void *argument)
{
	(void)id;
	(void)argument;
	print("total", count.begin, here(), 0);
	fclose(count.out);
}

static void
instrument(struct qemu_plugin_insn *insn)
{
	const uint64_t at = qemu_plugin_insn_vaddr(insn);

	qemu_plugin_register_vcpu_insn_exec_inline(
	    insn, QEMU_PLUGIN_INLINE_ADD_U64, &count.executed, 1);
	for (uintptr_t i = 0; i < PLACES; i++)
		if (count.place[i] == at && at != 0)
			qemu_plugin_register_vcpu_insn_exec_cb(
			    insn, on_place, QEMU_PLUGIN_CB_NO_REGS, (void *)i);
	on_marker(insn, MARK_MARK, on_mark);
	on_marker(insn, MARK_START, on_start);
	on_marker(insn, MARK_STOP, on_stop);
}

static void
on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		instrument(qemu_plugin_tb_get_insn(tb, i));
}

static bool
take_argument(const char *text)
{
	if (strncmp(text, "out=", 4) == 0) {
		count.out = fopen(text + 4, "w");
		if (count.out == NULL)
			perror(text + 4);
		return count.out != NULL;
	}
	for (unsigned i = 0; i < PLACES; i++) {
		const size_t n = strlen(place_name[i]);
		char        *end;

		if (strncmp(text, place_name[i], n) != 0)
			continue;
		count.place[i] = strtoull(text + n, &end, 16);
		if (count.place[i] != 0 && *end == '\0')
			return true;
	}
	fprintf(stderr, "insn: out=FILE or a place, not %s\n", text);
	return false;
}

EXPORT int
qemu_plugin_install(
    qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	count.out = stderr;
	for (int i = 0; i < argc; i++)
		if (!take_argument(argv[i]))
			return -1;
	count.begin = here();
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_end, NULL);
	return 0;
}
