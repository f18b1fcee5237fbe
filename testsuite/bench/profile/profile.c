/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCG plugin that says where the instructions of a span go: how many were
 * executed in each function of the kernel, and in user mode, between the
 * markers start (xchg %r11,%r11) and stop (xchg %r13,%r13) of insn.c.
 *
 *	qemu-system-x86_64 -plugin profile.so,symbols=FILE,out=FILE ...
 *
 * symbols: the output of `nm -n kernel.elf`. For each span the output is
 * `span<TAB>INSTRUCTIONS`, then the functions, most first, as
 * `COUNT<TAB>NAME`, then with addresses=on each address as
 * `@ADDRESS<TAB>COUNT`. The markers themselves are not counted.
 */
#include "testsuite/bench/plugin/qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SYMBOLS = 16384,
	NAME_BYTES = 64,
	TEXT_BYTES = 1 << 20, /* More than the kernel ever has. */
};

struct symbol {
	uint64_t at;
	uint64_t count; /* Of the span. */
	char     name[NAME_BYTES];
};

/* What costs more than its instruction: opcode behind 0f, bits of ModRM. */
static struct costly {
	const char   *name;
	unsigned char first, second; /* A REX prefix may precede them. */
	int           reg;           /* Of ModRM; -1: any. */
	uint64_t      count, then;
} costly[] = {
    {"CR3 writes", 0x0f, 0x22, 3, 0, 0},
    {"WRMSR instructions", 0x0f, 0x30, -1, 0, 0},
    {"INVLPG instructions", 0x0f, 0x01, 7, 0, 0},
    {"IRET instructions", 0xcf, 0, -1, 0, 0},
};
enum { COSTLY = sizeof(costly) / sizeof(costly[0]) };

enum { LINES = 1 << 14 };

static struct {
	struct symbol symbol[SYMBOLS];
	unsigned      n;
	uint64_t      text;             /* Address of at[0]. */
	uint64_t      at[TEXT_BYTES];   /* By address: executed. */
	uint64_t      then[TEXT_BYTES]; /* The same when the span began. */
	uint64_t      user, user_then;
	uint64_t      line[LINES]; /* Hash of those touched; 0: none. */
	unsigned      lines;
	bool          started, addresses;
	FILE         *out;
} profile;

static void
on_start(unsigned cpu, void *argument)
{
	(void)cpu;
	(void)argument;
	memcpy(profile.then, profile.at, sizeof(profile.at));
	profile.user_then = profile.user + 1; /* Less the marker. */
	for (unsigned i = 0; i < COSTLY; i++)
		costly[i].then = costly[i].count;
	memset(profile.line, 0, sizeof(profile.line));
	profile.lines = 0;
	profile.started = true;
}

/* A byte of kernel memory was read or written: is its line a new one? */
static void
on_access(unsigned cpu, uint32_t what, uint64_t address, void *argument)
{
	const uint64_t line = address / 64;
	size_t         i = line * UINT64_C(0x9e3779b97f4a7c15) >> 50;

	(void)cpu;
	(void)what;
	(void)argument;
	if (!profile.started || profile.lines == LINES / 2)
		return;
	while (profile.line[i] != 0 && profile.line[i] != line)
		i = (i + 1) % LINES;
	if (profile.line[i] == 0)
		profile.lines++;
	profile.line[i] = line;
}

/* Does an instruction of the kernel cost more than others? */
static struct costly *
costly_of(const struct qemu_plugin_insn *insn)
{
	const unsigned char *b = qemu_plugin_insn_data(insn);
	const size_t         n = qemu_plugin_insn_size(insn);
	const size_t         p = n > 1 && b[0] >> 4 == 4; /* REX. */

	for (unsigned i = 0; i < COSTLY; i++) {
		const struct costly *c = &costly[i];

		if (b[p] != c->first || (c->first == 0x0f && n < p + 2) ||
		    (c->first == 0x0f && b[p + 1] != c->second))
			continue;
		if (c->reg < 0 ||
		    (n > p + 2 && (b[p + 2] >> 3 & 7) == c->reg))
			return &costly[i];
	}
	return NULL;
}

static int
by_count(const void *a, const void *b)
{
	const struct symbol *const *x = a, *const *y = b;

	return (*x)->count < (*y)->count ? 1
	    : (*x)->count > (*y)->count  ? -1
					 : 0;
}

/* Add up what each function's addresses were executed. */
static uint64_t
add_up(void)
{
	uint64_t total = profile.user - profile.user_then;
	unsigned s = 0;

	for (unsigned i = 0; i < profile.n; i++)
		profile.symbol[i].count = 0;
	for (size_t i = 0; i < TEXT_BYTES; i++) {
		uint64_t n = profile.at[i] - profile.then[i];

		while (s + 1 < profile.n &&
		    profile.symbol[s + 1].at <= profile.text + i)
			s++;
		profile.symbol[s].count += n;
		total += n;
	}
	return total;
}

static void
on_stop(unsigned cpu, void *argument)
{
	static struct symbol *sorted[SYMBOLS];

	(void)cpu;
	(void)argument;
	if (!profile.started)
		return;
	profile.started = false;
	fprintf(profile.out, "span\t%" PRIu64 "\n", add_up());
	fprintf(profile.out, "%" PRIu64 "\tuser mode\n",
	    profile.user - profile.user_then);
	for (unsigned i = 0; i < COSTLY; i++)
		fprintf(profile.out, "%" PRIu64 "\t%s\n",
		    costly[i].count - costly[i].then, costly[i].name);
	fprintf(profile.out, "%u\tcache lines of the kernel\n",
	    profile.lines);
	for (unsigned i = 0; i < profile.n; i++)
		sorted[i] = &profile.symbol[i];
	qsort(sorted, profile.n, sizeof(sorted[0]), by_count);
	for (unsigned i = 0; i < profile.n && sorted[i]->count > 0; i++)
		fprintf(profile.out, "%" PRIu64 "\t%s\n", sorted[i]->count,
		    sorted[i]->name);
	for (size_t i = 0; profile.addresses && i < TEXT_BYTES; i++)
		if (profile.at[i] != profile.then[i])
			fprintf(profile.out, "@%" PRIx64 "\t%" PRIu64 "\n",
			    profile.text + i, profile.at[i] - profile.then[i]);
	fflush(profile.out);
}

static void
instrument(struct qemu_plugin_insn *insn)
{
	const uint64_t at = qemu_plugin_insn_vaddr(insn);
	uint64_t      *to = &profile.user;

	if (at >= profile.text && at - profile.text < TEXT_BYTES) {
		struct costly *c = costly_of(insn);

		to = &profile.at[at - profile.text];
		if (c != NULL)
			qemu_plugin_register_vcpu_insn_exec_inline(
			    insn, QEMU_PLUGIN_INLINE_ADD_U64, &c->count, 1);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access,
		    QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
	}
	on_marker(insn, MARK_STOP, on_stop);
	on_marker(insn, MARK_START, on_start);
	qemu_plugin_register_vcpu_insn_exec_inline(
	    insn, QEMU_PLUGIN_INLINE_ADD_U64, to, 1);
}

static void
on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		instrument(qemu_plugin_tb_get_insn(tb, i));
}

/* Functions of the kernel, ascending: `ADDRESS t NAME`. */
static bool
symbols_read(const char *path)
{
	const uint64_t kernel = UINT64_C(0xffffffff80000000);
	FILE          *f = fopen(path, "r");
	char           line[512], kind;

	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL && profile.n < SYMBOLS) {
		struct symbol *s = &profile.symbol[profile.n];

		if (sscanf(line, "%" SCNx64 " %c %63s", &s->at, &kind,
			s->name) == 3 &&
		    (kind == 't' || kind == 'T') && s->at >= kernel)
			profile.n++;
	}
	fclose(f);
	profile.text = profile.n > 0 ? profile.symbol[0].at : 0;
	return profile.n > 0;
}

EXPORT int
qemu_plugin_install(
    qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	profile.out = stderr;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "out=", 4) == 0)
			profile.out = fopen(argv[i] + 4, "w");
		else if (strncmp(argv[i], "addresses=", 10) == 0)
			profile.addresses = true;
		else if (strncmp(argv[i], "symbols=", 8) != 0 ||
		    !symbols_read(argv[i] + 8)) {
			fprintf(stderr, "profile: %s?\n", argv[i]);
			return -1;
		}
	}
	if (profile.out == NULL || profile.n == 0) {
		fprintf(stderr, "profile: symbols=FILE,out=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
