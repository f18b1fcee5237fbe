/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ELF executable becomes struct kernel_image. ELF-64 object file format,
 * version 1.5; System V ABI, AMD64 supplement, 4.1.
 */
#include "boot/install/install.h"

#include "boot/bios/crc32c.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
	PHDRS_MAX = 64,
};

struct extent {
	uint64_t first;
	uint64_t file_end;
	uint64_t end;
};

static bool
header_check(const Elf64_Ehdr *e, size_t bytes, struct install_error *error)
{
	if (bytes < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) != 0)
		return install_fail(error, "kernel is not an ELF file");
	if (e->e_ident[EI_CLASS] != ELFCLASS64 ||
	    e->e_ident[EI_DATA] != ELFDATA2LSB || e->e_machine != EM_X86_64)
		return install_fail(error, "kernel is not for x86-64");
	if (e->e_type != ET_EXEC)
		return install_fail(
		    error, "kernel is not an executable of fixed address");
	if (e->e_phentsize != sizeof(Elf64_Phdr) || e->e_phnum == 0 ||
	    e->e_phnum > PHDRS_MAX || e->e_phoff > bytes ||
	    e->e_phnum * sizeof(Elf64_Phdr) > bytes - e->e_phoff)
		return install_fail(
		    error, "kernel's program headers lie outside the file");
	return true;
}

static bool
segment_check(const Elf64_Phdr *p, size_t bytes, struct install_error *error)
{
	if (p->p_filesz > p->p_memsz || p->p_offset > bytes ||
	    p->p_filesz > bytes - p->p_offset)
		return install_fail(
		    error, "a segment of the kernel lies outside the file");
	if (p->p_memsz > UINT32_MAX || p->p_paddr > UINT32_MAX)
		return install_fail(
		    error, "a segment of the kernel lies above 4 GiB");
	if (p->p_vaddr != p->p_paddr && p->p_vaddr != KERNEL_BASE + p->p_paddr)
		return install_fail(error,
		    "a segment of the kernel is linked for address %llx, where "
		    "physical address %llx is not mapped",
		    (unsigned long long)p->p_vaddr,
		    (unsigned long long)p->p_paddr);
	return true;
}

/* Checks the segments one by one and against each other. */
static bool
segments_check(const Elf64_Phdr *p, unsigned n, size_t bytes, struct extent *x,
    struct install_error *error)
{
	*x = (struct extent){.first = UINT64_MAX};
	for (unsigned i = 0; i < n; i++) {
		if (p[i].p_type != PT_LOAD || p[i].p_memsz == 0)
			continue;
		if (!segment_check(&p[i], bytes, error))
			return false;
		for (unsigned j = 0; j < i; j++) {
			if (p[j].p_type == PT_LOAD && p[j].p_memsz != 0 &&
			    p[i].p_paddr < p[j].p_paddr + p[j].p_memsz &&
			    p[j].p_paddr < p[i].p_paddr + p[i].p_memsz)
				return install_fail(
				    error, "segments of the kernel overlap");
		}
		if (p[i].p_paddr < x->first)
			x->first = p[i].p_paddr;
		if (p[i].p_filesz != 0 &&
		    p[i].p_paddr + p[i].p_filesz > x->file_end)
			x->file_end = p[i].p_paddr + p[i].p_filesz;
		if (p[i].p_paddr + p[i].p_memsz > x->end)
			x->end = p[i].p_paddr + p[i].p_memsz;
	}
	/* Less than the slot holds, and a bound for the memory we take. */
	if (x->file_end <= x->first || x->file_end - x->first > 1 << 30)
		return install_fail(error, "kernel has nothing to load");
	return true;
}

bool
install_kernel(const void *elf, size_t bytes, void **image, size_t *image_bytes,
    struct install_error *error)
{
	const uint8_t      *file = elf;
	struct kernel_image head;
	struct extent       x;
	Elf64_Ehdr          e = {0};
	Elf64_Phdr          p[PHDRS_MAX];
	const char         *wrong;
	uint8_t            *to;
	size_t              size;

	memcpy(&e, file, bytes < sizeof(e) ? bytes : sizeof(e));
	if (!header_check(&e, bytes, error))
		return false;
	memcpy(p, file + e.e_phoff, e.e_phnum * sizeof(p[0]));
	if (!segments_check(p, e.e_phnum, bytes, &x, error))
		return false;
	x.first &= -(uint64_t)PAGE_SIZE;
	head = (struct kernel_image){
	    .magic = KERNEL_IMAGE_MAGIC,
	    .version = HANDOFF_VERSION,
	    .first = x.first,
	    .file_bytes = x.file_end - x.first,
	    .total_bytes = x.end - x.first,
	    .entry = e.e_entry,
	};
	size = PAGE_SIZE + head.file_bytes;
	wrong = kernel_check(&head, size);
	if (wrong != NULL)
		return install_fail(error, "cannot be installed: %s", wrong);

	to = calloc(1, size);
	if (to == NULL)
		return install_fail(error, "out of memory");
	for (unsigned i = 0; i < e.e_phnum; i++) {
		if (p[i].p_type == PT_LOAD && p[i].p_filesz != 0)
			memcpy(to + PAGE_SIZE + (p[i].p_paddr - x.first),
			    file + p[i].p_offset, p[i].p_filesz);
	}
	memcpy(to, &head, sizeof(head));
	head.checksum = boot_crc(0, to, size);
	memcpy(to, &head, sizeof(head));
	*image = to;
	*image_bytes = size;
	return true;
}
