/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCG plugin that says where the instructions of spans go, by domain and
 * function, in the kernel and in all domains whose images it is given. Spans
 * are those of ../plugin/insn.c.
 *
 *	qemu-system-x86_64 -plugin domains.so,image=ELF,...,out=FILE[,ask=FILE]
 *
 * Who has no marker in the guest makes a span from without: it creates the file
 * of ask=; when the CPU goes idle the next time, the span starts, or ends if one
 * has started, and the file is gone.
 *
 * All domains lie at the same addresses. What is executed belongs to the image
 * that has the same bytes in that page; none: to `other`. For each span it
 * prints `span<TAB>INSTRUCTIONS`, then `COUNT<TAB>IMAGE<TAB>FUNCTION`.
 */
#include "testsuite/bench/plugin/qemu.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	IMAGES = 32,
	PAGE = 4096,
};

struct symbol {
	uint64_t    at, count, then;
	const char *name;
};

struct image {
	const char       *name;
	const Elf64_Ehdr *elf; /* The whole file. */
	struct symbol    *symbol;
	size_t            n;
};

static struct {
	struct image  image[IMAGES];
	unsigned      n;
	struct symbol other; /* Nobody's. */
	bool          started;
	FILE         *out;
	const char   *ask;
} profile;

static const uint64_t kernel_base = UINT64_C(0xffffffff80000000);

/* --- Images ----------------------------------------------------------------
 */

static const void *
at(const struct image *m, uint64_t offset)
{
	return (const char *)m->elf + offset;
}

static int
by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static void
take_symbols(struct image *m, const Elf64_Shdr *table, const Elf64_Shdr *names)
{
	const Elf64_Sym *s = at(m, table->sh_offset);
	size_t           n = table->sh_size / sizeof(*s);

	m->symbol = calloc(n + 1, sizeof(m->symbol[0]));
	if (m->symbol == NULL)
		abort();
	m->symbol[m->n++].name = "?";
	for (size_t i = 0; i < n; i++)
		if (s[i].st_shndx != SHN_UNDEF && s[i].st_shndx < SHN_ABS &&
		    ELF64_ST_TYPE(s[i].st_info) <= STT_FUNC &&
		    ELF64_ST_TYPE(s[i].st_info) != STT_OBJECT)
			m->symbol[m->n++] = (struct symbol){.at = s[i].st_value,
			    .name = (const char *)at(m, names->sh_offset) +
				s[i].st_name};
	qsort(m->symbol, m->n, sizeof(m->symbol[0]), by_address);
}

static bool
image_read(const char *path)
{
	struct image     *m = &profile.image[profile.n];
	FILE             *f = fopen(path, "rb");
	long              bytes;
	char             *data;
	const Elf64_Shdr *s;

	if (f == NULL || profile.n == IMAGES || fseek(f, 0, SEEK_END) != 0 ||
	    (bytes = ftell(f)) < (long)sizeof(Elf64_Ehdr))
		return false;
	data = malloc((size_t)bytes);
	rewind(f);
	if (data == NULL || fread(data, 1, (size_t)bytes, f) != (size_t)bytes)
		return false;
	fclose(f);
	m->elf = (const void *)data;
	m->name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	s = at(m, m->elf->e_shoff);
	for (unsigned i = 0; i < m->elf->e_shnum; i++)
		if (s[i].sh_type == SHT_SYMTAB)
			take_symbols(m, &s[i], &s[s[i].sh_link]);
	profile.n++;
	return m->n > 0;
}

/* Does the image have this content in the page at an address? */
static bool
has_page(const struct image *m, uint64_t address, const char *page)
{
	const Elf64_Phdr *p = at(m, m->elf->e_phoff);

	for (unsigned i = 0; i < m->elf->e_phnum; i++) {
		uint64_t into = address - p[i].p_vaddr, n;

		if (p[i].p_type != PT_LOAD || address < p[i].p_vaddr ||
		    into >= p[i].p_filesz)
			continue;
		n = p[i].p_filesz - into;
		return memcmp(page, at(m, p[i].p_offset + into),
			   n < PAGE ? n : PAGE) == 0;
	}
	return false;
}

static const struct image *
image_of(uint64_t address, const void *host)
{
	const char *page = (const char *)((uintptr_t)host & ~(PAGE - 1ul));

	for (unsigned i = 0; i < profile.n; i++) {
		const struct image *m = &profile.image[i];

		if (address >= kernel_base ? m->elf->e_entry >= kernel_base
					   : host != NULL &&
			    has_page(m, address & ~(PAGE - 1ul), page))
			return m;
	}
	return NULL;
}

static struct symbol *
symbol_of(const struct image *m, uint64_t address)
{
	size_t low = 0, high = m->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (m->symbol[middle].at <= address)
			low = middle;
		else
			high = middle;
	}
	return &m->symbol[low];
}

/* --- Spans -----------------------------------------------------------------
 */

static void
on_start(unsigned cpu, void *argument)
{
	(void)cpu;
	(void)argument;
	for (unsigned i = 0; i < profile.n; i++)
		for (size_t k = 0; k < profile.image[i].n; k++)
			profile.image[i].symbol[k].then =
			    profile.image[i].symbol[k].count;
	profile.other.then = profile.other.count;
	profile.started = true;
}

static uint64_t
grown(const struct symbol *s)
{
	return s->count - s->then;
}

static void
on_stop(unsigned cpu, void *argument)
{
	uint64_t total = grown(&profile.other);

	(void)cpu;
	(void)argument;
	if (!profile.started)
		return;
	profile.started = false;
	for (unsigned i = 0; i < profile.n; i++)
		for (size_t k = 0; k < profile.image[i].n; k++)
			total += grown(&profile.image[i].symbol[k]);
	fprintf(profile.out, "span\t%" PRIu64 "\n", total);
	if (grown(&profile.other) != 0)
		fprintf(profile.out, "%" PRIu64 "\tother\t?\n",
		    grown(&profile.other));
	for (unsigned i = 0; i < profile.n; i++)
		for (size_t k = 0; k < profile.image[i].n; k++)
			if (grown(&profile.image[i].symbol[k]) != 0)
				fprintf(profile.out, "%" PRIu64 "\t%s\t%s\n",
				    grown(&profile.image[i].symbol[k]),
				    profile.image[i].name,
				    profile.image[i].symbol[k].name);
	fflush(profile.out);
}

static void
on_idle(qemu_plugin_id_t id, unsigned cpu)
{
	(void)id;
	if (access(profile.ask, F_OK) != 0)
		return;
	if (profile.started)
		on_stop(cpu, NULL);
	else
		on_start(cpu, NULL);
	unlink(profile.ask);
}

static void
instrument(struct qemu_plugin_insn *insn)
{
	const uint64_t      address = qemu_plugin_insn_vaddr(insn);
	const struct image *m = image_of(address, qemu_plugin_insn_haddr(insn));
	struct symbol *s = m != NULL ? symbol_of(m, address) : &profile.other;

	on_marker(insn, MARK_STOP, on_stop);
	on_marker(insn, MARK_START, on_start);
	qemu_plugin_register_vcpu_insn_exec_inline(
	    insn, QEMU_PLUGIN_INLINE_ADD_U64, &s->count, 1);
}

static void
on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		instrument(qemu_plugin_tb_get_insn(tb, i));
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
		else if (strncmp(argv[i], "ask=", 4) == 0)
			profile.ask = strdup(argv[i] + 4);
		else if (strncmp(argv[i], "image=", 6) != 0 ||
		    !image_read(argv[i] + 6)) {
			fprintf(stderr, "domains: %s?\n", argv[i]);
			return -1;
		}
	}
	if (profile.out == NULL || profile.n == 0) {
		fprintf(stderr, "domains: image=ELF,...,out=FILE[,ask=FILE]\n");
		return -1;
	}
	if (profile.ask != NULL)
		qemu_plugin_register_vcpu_idle_cb(id, on_idle);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}
