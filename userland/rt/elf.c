/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/elf.h"

#include <elf.h>
#include <string.h>

static bool
header_ok(const Elf64_Ehdr *e, size_t bytes)
{
	return memcmp(e->e_ident, ELFMAG, SELFMAG) == 0 &&
	    e->e_ident[EI_CLASS] == ELFCLASS64 &&
	    e->e_ident[EI_DATA] == ELFDATA2LSB && e->e_type == ET_EXEC &&
	    e->e_machine == EM_X86_64 && e->e_phentsize == sizeof(Elf64_Phdr) &&
	    e->e_phnum > 0 && e->e_phnum <= ELF_SEGMENTS &&
	    e->e_phoff <= bytes &&
	    e->e_phnum * sizeof(Elf64_Phdr) <= bytes - e->e_phoff;
}

/* floor is the end of the segment before, in whole pages. */
static bool
segment_ok(const Elf64_Phdr *p, size_t bytes, uint64_t floor)
{
	return p->p_vaddr % PAGE_SIZE == 0 && p->p_vaddr >= floor &&
	    p->p_vaddr < ELF_HIGHEST && p->p_memsz > 0 &&
	    p->p_memsz <= ELF_HIGHEST - p->p_vaddr &&
	    p->p_filesz <= p->p_memsz && p->p_offset <= bytes &&
	    p->p_filesz <= bytes - p->p_offset &&
	    (p->p_flags & (PF_W | PF_X)) != (PF_W | PF_X);
}

static enum status
read_segments(const unsigned char *image, size_t bytes, const Elf64_Ehdr *e,
    struct elf_image *out)
{
	uint64_t floor = ELF_LOWEST;

	for (unsigned i = 0; i < e->e_phnum; i++) {
		struct elf_segment *s = &out->segment[out->count];
		Elf64_Phdr          p;

		memcpy(&p, image + e->e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type != PT_LOAD)
			continue;
		if (!segment_ok(&p, bytes, floor))
			return RC_CORRUPT;
		*s = (struct elf_segment){
		    .address = p.p_vaddr,
		    .data = image + p.p_offset,
		    .file_bytes = p.p_filesz,
		    .memory_bytes = p.p_memsz,
		    .writable = (p.p_flags & PF_W) != 0,
		    .executable = (p.p_flags & PF_X) != 0,
		};
		if (s->writable && out->fs_base == 0)
			out->fs_base = s->address;
		floor = (s->address + s->memory_bytes + PAGE_SIZE - 1) &
		    ~(uint64_t)(PAGE_SIZE - 1);
		out->count++;
	}
	return RC_OK;
}

static bool
entry_ok(const struct elf_image *im)
{
	for (unsigned i = 0; i < im->count; i++) {
		const struct elf_segment *s = &im->segment[i];

		if (s->executable && im->entry >= s->address &&
		    im->entry - s->address < s->file_bytes)
			return true;
	}
	return false;
}

enum status
elf_read(const void *image, size_t bytes, struct elf_image *out)
{
	struct elf_image im = {0};
	Elf64_Ehdr       e;

	if (bytes < sizeof(e))
		return RC_CORRUPT;
	memcpy(&e, image, sizeof(e));
	if (!header_ok(&e, bytes) ||
	    read_segments(image, bytes, &e, &im) != RC_OK)
		return RC_CORRUPT;
	im.entry = e.e_entry;
	if (!entry_ok(&im))
		return RC_CORRUPT;
	*out = im;
	return RC_OK;
}
