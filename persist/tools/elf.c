/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts an ELF image into pages.
 *
 * W^X: text pages are read-only and executable, constants read-only and not
 * executable, data writable and not executable. Segments that share a page
 * would break that and are refused.
 */
#include "persist/tools/build.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
file_read(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	long  n;
	void *p;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0)
		die("%s: cannot be read", path);
	rewind(f);
	*bytes = (size_t)n;
	p = must_alloc(1, *bytes + 1);
	if (fread(p, 1, *bytes, f) != *bytes)
		die("%s: cannot be read", path);
	fclose(f);
	return p;
}

static void
segment_load(struct space *s, struct range *r, const uint8_t *file,
    const Elf64_Phdr *h, const char *path)
{
	unsigned rights = 0;

	if ((h->p_flags & PF_X) != 0 && (h->p_flags & PF_W) != 0)
		die("%s: a segment is writable and executable", path);
	if ((h->p_flags & PF_W) == 0)
		rights |= CR_READ_ONLY;
	if ((h->p_flags & PF_X) == 0)
		rights |= CR_NO_EXECUTE;
	if (h->p_vaddr >> USER_SPAN != 0 || h->p_memsz >> USER_SPAN != 0)
		die("%s: a segment lies outside user space", path);
	for (uint64_t a = h->p_vaddr & -(uint64_t)PAGE_SIZE;
	     a < h->p_vaddr + h->p_memsz; a += PAGE_SIZE) {
		uint64_t from = a < h->p_vaddr ? h->p_vaddr : a;
		uint64_t end = h->p_vaddr + h->p_filesz;
		oid      o = range_frame(r, FK_PAGE);
		uint8_t *to = range_page(r, o);

		if (end > a + PAGE_SIZE)
			end = a + PAGE_SIZE;
		if (from < end)
			memcpy(to + (from - a),
			    file + h->p_offset + (from - h->p_vaddr),
			    end - from);
		space_put(s, a, cap_make(CK_PAGE, rights, 0, FIRST_COUNT, o));
	}
}

uint64_t
elf_load(struct space *s, struct range *r, const char *path, const char *owner,
    uint64_t *fs_base)
{
	size_t     bytes;
	uint8_t   *file = file_read(path, &bytes);
	Elf64_Ehdr e;
	Elf64_Phdr h;

	if (bytes < sizeof(e))
		die("%s: %s is no ELF file", owner, path);
	memcpy(&e, file, sizeof(e));
	if (memcmp(e.e_ident, ELFMAG, SELFMAG) != 0 ||
	    e.e_machine != EM_X86_64 || e.e_type != ET_EXEC ||
	    e.e_phentsize != sizeof(h) || e.e_phoff > bytes ||
	    (bytes - e.e_phoff) / sizeof(h) < e.e_phnum)
		die("%s: %s is no static x86-64 executable", owner, path);
	for (unsigned i = 0; i < e.e_phnum; i++) {
		memcpy(&h, file + e.e_phoff + i * sizeof(h), sizeof(h));
		if (h.p_type == PT_INTERP || h.p_type == PT_DYNAMIC)
			die("%s: %s is not static", owner, path);
		if (h.p_type != PT_LOAD || h.p_memsz == 0)
			continue;
		if (h.p_offset > bytes || h.p_filesz > bytes - h.p_offset ||
		    h.p_filesz > h.p_memsz)
			die("%s: %s is truncated", owner, path);
		if ((h.p_flags & PF_W) != 0 && *fs_base == 0)
			*fs_base = h.p_vaddr;
		segment_load(s, r, file, &h, path);
	}
	free(file);
	return e.e_entry;
}
