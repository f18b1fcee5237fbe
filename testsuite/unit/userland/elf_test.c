/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of ELF images: what domain.ld makes, and hostile ones. */
#include <CUnit/CUnit.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/rt/elf.h"

enum {
	BYTES = 0x3000,
};

struct image {
	Elf64_Ehdr e;
	Elf64_Phdr p[3];
};

/* In a block of its own size, so that the sanitizer sees any step outside. */
static unsigned char *bytes;
static struct image  *im;

static void
start(void)
{
	free(bytes);
	bytes = calloc(1, BYTES);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	im = (struct image *)(void *)bytes;
	*im = (struct image){
	    .e = {.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
		.e_entry = 0x200010},
	    .p = {{.p_type = PT_LOAD,
		      .p_flags = PF_R | PF_X,
		      .p_vaddr = 0x200000,
		      .p_offset = 0x1000,
		      .p_filesz = 0x800,
		      .p_memsz = 0x800},
		{.p_type = PT_LOAD,
		    .p_flags = PF_R,
		    .p_vaddr = 0x201000,
		    .p_offset = 0x1800,
		    .p_filesz = 0x100,
		    .p_memsz = 0x100},
		{.p_type = PT_LOAD,
		    .p_flags = PF_R | PF_W,
		    .p_vaddr = 0x202000,
		    .p_offset = 0x2000,
		    .p_filesz = 0x10,
		    .p_memsz = 0x5000}},
	};
	memcpy(im->e.e_ident, ELFMAG, SELFMAG);
	im->e.e_ident[EI_CLASS] = ELFCLASS64;
	im->e.e_ident[EI_DATA] = ELFDATA2LSB;
}

static enum status
look(void)
{
	struct elf_image out;

	return elf_read(bytes, BYTES, &out);
}

/* elf.read.1: a domain's image is understood. */
static void
a_domain_is_read(void)
{
	struct elf_image out;

	start();
	CU_ASSERT_EQUAL_FATAL(elf_read(bytes, BYTES, &out), RC_OK);
	CU_ASSERT_EQUAL(out.count, 3);
	CU_ASSERT_EQUAL(out.entry, 0x200010);
	CU_ASSERT_EQUAL(out.fs_base, 0x202000);
	CU_ASSERT(out.segment[0].executable && !out.segment[0].writable);
	CU_ASSERT(!out.segment[1].executable && !out.segment[1].writable);
	CU_ASSERT(!out.segment[2].executable && out.segment[2].writable);
	CU_ASSERT_PTR_EQUAL(out.segment[2].data, bytes + 0x2000);
	im->p[1].p_type = PT_NOTE;
	CU_ASSERT_EQUAL(elf_read(bytes, BYTES, &out), RC_OK);
	CU_ASSERT_EQUAL(out.count, 2);
}

#define REFUSED(change)                              \
	do {                                         \
		start();                             \
		CU_ASSERT_EQUAL(look(), RC_OK);      \
		change;                              \
		CU_ASSERT_EQUAL(look(), RC_CORRUPT); \
	} while (0)

/* elf.read.2: each way of being wrong is refused. */
static void
each_fault_is_refused(void)
{
	struct elf_image out;

	REFUSED(im->e.e_ident[1] = 'F');
	REFUSED(im->e.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED(im->e.e_ident[EI_DATA] = ELFDATA2MSB);
	REFUSED(im->e.e_type = ET_DYN);
	REFUSED(im->e.e_machine = EM_386);
	REFUSED(im->e.e_phentsize = 55);
	REFUSED(im->e.e_phnum = 0);
	REFUSED(im->e.e_phnum = ELF_SEGMENTS + 1);
	REFUSED(im->e.e_phoff = BYTES - 100);
	REFUSED(im->e.e_phoff = UINT64_MAX);
	REFUSED(im->e.e_entry = 0x200800);
	REFUSED(im->e.e_entry = 0x202000);
	REFUSED(im->p[0].p_vaddr = 0x1ff000);
	REFUSED(im->p[0].p_vaddr = 0x200800);
	REFUSED(im->p[0].p_flags = PF_R | PF_W | PF_X);
	REFUSED(im->p[0].p_offset = BYTES - 0x7ff);
	REFUSED(im->p[0].p_offset = UINT64_MAX);
	REFUSED(im->p[0].p_filesz = 0x801);
	REFUSED(im->p[0].p_memsz = 0x1001);
	REFUSED(im->p[1].p_vaddr = 0x200000);
	REFUSED(im->p[1].p_memsz = 0);
	REFUSED(im->p[2].p_memsz = ELF_HIGHEST);
	REFUSED(im->p[2].p_memsz = UINT64_MAX);
	REFUSED(im->p[2].p_vaddr = ELF_HIGHEST);
	for (size_t n = 0; n < sizeof(Elf64_Ehdr); n++)
		CU_ASSERT_EQUAL(elf_read(bytes, n, &out), RC_CORRUPT);
}

/* What is accepted keeps every promise of elf.h. */
static bool
promises_kept(const struct elf_image *out)
{
	uint64_t floor = ELF_LOWEST;

	for (unsigned i = 0; i < out->count; i++) {
		const struct elf_segment *s = &out->segment[i];
		const unsigned char      *data = s->data;

		if (s->address < floor || s->address % PAGE_SIZE != 0 ||
		    s->memory_bytes > ELF_HIGHEST ||
		    s->address + s->memory_bytes > ELF_HIGHEST ||
		    s->file_bytes > s->memory_bytes ||
		    (s->writable && s->executable) || data < bytes ||
		    s->file_bytes > (size_t)(bytes + BYTES - data))
			return false;
		floor = s->address + s->memory_bytes;
	}
	return out->count <= ELF_SEGMENTS;
}

/* elf.read.3: mutated images are refused, or keep the promises. */
static void
mutations(void)
{
	unsigned accepted = 0;

	srand(3);
	start();
	for (unsigned i = 0; i < 200000; i++) {
		struct elf_image out;
		unsigned char    copy[sizeof(*im)];

		memcpy(copy, im, sizeof(copy));
		for (int n = rand() % 4; n >= 0; n--)
			bytes[(size_t)rand() % sizeof(copy)] =
			    (unsigned char)(rand() >> 7);
		if (elf_read(bytes, BYTES, &out) == RC_OK) {
			accepted++;
			CU_ASSERT_FATAL(promises_kept(&out));
		}
		memcpy(im, copy, sizeof(copy));
	}
	CU_ASSERT(accepted > 0);
	free(bytes);
	bytes = NULL;
}

static const struct runner_test tests[] = {
    RUNNER_TEST(a_domain_is_read),
    RUNNER_TEST(each_fault_is_refused),
    RUNNER_TEST(mutations),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "elf", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
