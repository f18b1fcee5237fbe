/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/install/install.h"

#include <CUnit/CUnit.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/boot/suites.h"

/* An ELF file of two segments, and room to be wrong in. */
struct file {
	Elf64_Ehdr e;
	Elf64_Phdr p[2];
	uint8_t    text[300];
	uint8_t    data[100];
};

static struct install_error error;

static struct file
fine(void)
{
	struct file f = {
	    .e =
		{
		    .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
		    .e_type = ET_EXEC,
		    .e_machine = EM_X86_64,
		    .e_entry = KERNEL_BASE + 0x100010,
		    .e_phoff = offsetof(struct file, p),
		    .e_phentsize = sizeof(Elf64_Phdr),
		    .e_phnum = 2,
		},
	    .p =
		{
		    {
			.p_type = PT_LOAD,
			.p_offset = offsetof(struct file, text),
			.p_paddr = 0x100010,
			.p_vaddr = KERNEL_BASE + 0x100010,
			.p_filesz = sizeof(f.text),
			.p_memsz = sizeof(f.text),
		    },
		    {
			.p_type = PT_LOAD,
			.p_offset = offsetof(struct file, data),
			.p_paddr = 0x102000,
			.p_vaddr = KERNEL_BASE + 0x102000,
			.p_filesz = sizeof(f.data),
			.p_memsz = 10000,
		    },
		},
	};

	memset(f.text, 'T', sizeof(f.text));
	memset(f.data, 'D', sizeof(f.data));
	return f;
}

/* On the heap and of that size exactly, so that the sanitizer sees it. */
static bool
convert(const struct file *f, size_t bytes)
{
	void  *copy = malloc(bytes + (bytes == 0));
	void  *image = NULL;
	size_t size;
	bool   done;

	if (copy == NULL)
		abort();
	memcpy(copy, f, bytes);
	done = install_kernel(copy, bytes, &image, &size, &error);
	if (done)
		free(image);
	free(copy);
	return done;
}

/* boot.elf.1: every byte where the kernel expects it, nothing else. */
static void
converts(void)
{
	struct file         f = fine();
	void               *image;
	size_t              bytes;
	struct kernel_image k;
	const uint8_t      *at;

	CU_ASSERT_FATAL(install_kernel(&f, sizeof(f), &image, &bytes, &error));
	memcpy(&k, image, sizeof(k));
	at = (const uint8_t *)image + PAGE_SIZE;
	CU_ASSERT_PTR_NULL(kernel_check(&k, bytes));
	CU_ASSERT_EQUAL(k.first, 0x100000);
	CU_ASSERT_EQUAL(k.file_bytes, 0x2000 + sizeof(f.data));
	CU_ASSERT_EQUAL(k.total_bytes, 0x2000 + 10000);
	CU_ASSERT_EQUAL(k.entry, f.e.e_entry);
	CU_ASSERT_EQUAL(at[0x0f], 0);
	CU_ASSERT_EQUAL(at[0x10], 'T');
	CU_ASSERT_EQUAL(at[0x10 + sizeof(f.text)], 0);
	CU_ASSERT_EQUAL(at[0x1fff], 0);
	CU_ASSERT_EQUAL(at[0x2000], 'D');
	CU_ASSERT_EQUAL(at[0x2000 + sizeof(f.data) - 1], 'D');
	free(image);
}

/* boot.elf.2: no prefix of a file is believed. */
static void
truncated(void)
{
	struct file f = fine();

	for (size_t n = 0; n < sizeof(f) - 1; n++)
		CU_ASSERT_FALSE(convert(&f, n));
}

/* boot.elf.3: each field, wrong. */
static void
hostile(void)
{
	struct file f;

#define BAD(change)                              \
	f = fine();                              \
	f.change;                                \
	error.text[0] = '\0';                    \
	CU_ASSERT_FALSE(convert(&f, sizeof(f))); \
	CU_ASSERT_NOT_EQUAL(error.text[0], '\0')
	BAD(e.e_ident[0] = 0);
	BAD(e.e_ident[EI_CLASS] = ELFCLASS32);
	BAD(e.e_ident[EI_DATA] = ELFDATA2MSB);
	BAD(e.e_machine = EM_386);
	BAD(e.e_type = ET_DYN);
	BAD(e.e_phentsize = 32);
	BAD(e.e_phnum = 0);
	BAD(e.e_phnum = 65);
	BAD(e.e_phnum = UINT16_MAX);
	BAD(e.e_phoff = sizeof(f));
	BAD(e.e_phoff = UINT64_MAX);
	BAD(e.e_entry = 0);
	BAD(e.e_entry = KERNEL_BASE + 0x102000 + sizeof(f.data));
	BAD(p[0].p_offset = UINT64_MAX);
	BAD(p[0].p_filesz = UINT64_MAX);
	BAD(p[0].p_filesz = 301);
	BAD(p[0].p_memsz = 299);
	BAD(p[0].p_memsz = UINT64_MAX);
	BAD(p[0].p_memsz = 0x10000);
	BAD(p[0].p_vaddr = KERNEL_BASE + 0x101010);
	BAD(p[0].p_vaddr = 0);
	BAD(p[1].p_paddr = UINT64_MAX);
	BAD(p[1].p_memsz = 1 << 30);
	BAD(p[1].p_memsz = UINT32_MAX);
	f = fine();
	f.p[0].p_type = f.p[1].p_type = PT_NOTE;
	CU_ASSERT_FALSE(convert(&f, sizeof(f)));
	f = fine();
	f.p[0].p_paddr = 0x1000;
	f.p[0].p_vaddr = 0x1000;
	CU_ASSERT_FALSE(convert(&f, sizeof(f)));
	f = fine();
	f.p[1].p_paddr = 0xfff00000;
	f.p[1].p_vaddr = 0xfff00000;
	CU_ASSERT_FALSE(convert(&f, sizeof(f)));
#undef BAD
}

/* boot.elf.4: random bytes changed: accepted or refused, never worse. */
static void
mutated(void)
{
	uint32_t seed = 1;
	unsigned refused = 0;

	for (int round = 0; round < 20000; round++) {
		struct file f = fine();

		for (int i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			((uint8_t *)&f)[seed % offsetof(struct file, text)] =
			    (uint8_t)(seed >> 20);
		}
		refused += !convert(&f, sizeof(f));
	}
	CU_ASSERT_TRUE(refused > 10000);
}

const struct runner_test boot_elf_tests[] = {
    RUNNER_TEST(converts),
    RUNNER_TEST(truncated),
    RUNNER_TEST(hostile),
    RUNNER_TEST(mutated),
    {NULL, NULL},
};
