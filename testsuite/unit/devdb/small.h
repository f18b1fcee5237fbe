/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver package of a few hundred bytes, with a program that could run. */
#ifndef TESTSUITE_UNIT_DEVDB_SMALL_H
#define TESTSUITE_UNIT_DEVDB_SMALL_H

#include <elf.h>
#include <libfdt.h>
#include <string.h>

#include "userland/rt/elf.h"

enum { SMALL_BYTES = 4096 };

struct small_image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	uint8_t    code[16];
};

static inline void
small_image(struct small_image *im)
{
	memset(im, 0, sizeof(*im));
	memcpy(im->header.e_ident, ELFMAG, SELFMAG);
	im->header.e_ident[EI_CLASS] = ELFCLASS64;
	im->header.e_ident[EI_DATA] = ELFDATA2LSB;
	im->header.e_type = ET_EXEC;
	im->header.e_machine = EM_X86_64;
	im->header.e_phentsize = sizeof(Elf64_Phdr);
	im->header.e_phnum = 1;
	im->header.e_phoff = offsetof(struct small_image, segment);
	im->header.e_entry = ELF_LOWEST;
	im->segment.p_type = PT_LOAD;
	im->segment.p_flags = PF_R | PF_X;
	im->segment.p_vaddr = ELF_LOWEST;
	im->segment.p_offset = offsetof(struct small_image, code);
	im->segment.p_filesz = im->segment.p_memsz = sizeof(im->code);
}

static inline void
small_begin(void *to, const char *target)
{
	fdt_create(to, SMALL_BYTES);
	fdt_finish_reservemap(to);
	fdt_begin_node(to, "");
	fdt_begin_node(to, "fragment@0");
	fdt_property(to, "target-path", target, (int)strlen(target) + 1);
	fdt_begin_node(to, "__overlay__");
}

/* The driver's node, still open. */
static inline void
small_driver(void *to, const char *name, const struct small_image *im)
{
	static const fdt32_t back_off[] = {0x64000000, 0x88130000};

	fdt_begin_node(to, name);
	fdt_property_string(to, "title", "a small test driver");
	fdt_property_string(to, "class", "char");
	fdt_property(to, "image", im, sizeof(*im));
	fdt_begin_node(to, "match");
	fdt_begin_node(to, "pci");
	fdt_property_string(to, "bus", "pci");
	fdt_property_u32(to, "vendor", 0x1234);
	fdt_property_u32(to, "device", 0x11e8);
	fdt_end_node(to);
	fdt_end_node(to);
	fdt_begin_node(to, "needs");
	fdt_property_u32(to, "bars", 0);
	fdt_property_u32(to, "messages", 1);
	fdt_property_u32(to, "dma-pages", 1);
	fdt_property(to, "bus-master", NULL, 0);
	fdt_end_node(to);
	fdt_begin_node(to, "policy");
	fdt_property_u32(to, "priority", 8);
	fdt_property_u32(to, "restart-limit", 10);
	fdt_property(to, "back-off-ms", back_off, sizeof(back_off));
	fdt_property_u32(to, "heartbeat-ms", 5000);
	fdt_end_node(to);
}

static inline size_t
small_end(void *to, unsigned nodes)
{
	while (nodes-- > 0)
		fdt_end_node(to);
	fdt_finish(to);
	return fdt_totalsize(to);
}

/* The whole of it; its length. */
static inline size_t
small_package(void *to, const char *name)
{
	struct small_image im;

	small_image(&im);
	small_begin(to, "/drivers");
	small_driver(to, name, &im);
	return small_end(to, 4);
}

#endif
