/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/acpi_build.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 36, COPIES = 512 };

void
firmware_sum(uint8_t *p, uint32_t bytes, uint32_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (uint32_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + p[i]);
	p[at] = (uint8_t)-sum;
}

uint32_t
firmware_table(struct firmware *f, const char *name, const uint8_t *content,
    uint32_t bytes)
{
	uint8_t       *t = f->byte + f->used;
	const uint32_t at = MEMORY_FIRST + f->used;
	const uint32_t total = HEADER + bytes;

	memcpy(t, name, 4);
	memcpy(t + 4, &total, 4);
	if (bytes > 0)
		memcpy(t + HEADER, content, bytes);
	firmware_sum(t, total, 9);
	f->used += (total + 15) & ~15u;
	f->table[f->ntables++] = at;
	return at;
}

uint32_t
firmware_root(struct firmware *f, bool xsdt)
{
	uint8_t        list[16 * 8] = {0};
	const unsigned size = xsdt ? 8 : 4, n = f->ntables;
	uint64_t       root;
	uint8_t       *r;

	for (unsigned i = 0; i < n; i++)
		memcpy(list + size * i, &f->table[i], 4);
	root = firmware_table(f, xsdt ? "XSDT" : "RSDT", list, n * size);
	r = f->byte + f->used;
	memcpy(r, "RSD PTR ", 8);
	if (xsdt) {
		r[15] = 2;
		r[20] = 36;
		memcpy(r + 24, &root, 8);
	} else {
		memcpy(r + 16, &root, 4);
	}
	firmware_sum(r, 20, 8);
	if (xsdt)
		firmware_sum(r, 36, 32);
	f->used += 48;
	return MEMORY_FIRST + f->used - 48;
}

uint32_t
firmware_full(struct firmware *f, bool xsdt)
{
	static const uint8_t madt[] = {0, 0, 0xe0, 0xfe, 1, 0, 0, 0,
	    /* Local APIC. */
	    0, 8, 0, 0, 1, 0, 0, 0,
	    /* IOAPIC 0 at 0xfec00000 from GSI 0. */
	    1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
	    /* IRQ 0 is on GSI 2; IRQ 9 is level, low. */
	    2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 2, 10, 0, 9, 9, 0, 0, 0, 15, 0,
	    /* NMI at LINT1. */
	    4, 6, 0xff, 0, 0, 1};
	uint8_t              fadt[129 - HEADER] = {0};
	uint8_t              hpet[56 - HEADER] = {0};
	uint8_t              dmar[48 + 16 + 8 - HEADER] = {0};

	memset(f, 0, sizeof(*f));
	fadt[76 - HEADER] = 8;
	fadt[77 - HEADER] = 6;
	fadt[91 - HEADER] = 4;
	fadt[113 - HEADER] = 4; /* RESET_REG_SUP, bit 10. */
	fadt[116 - HEADER] = 1;
	fadt[117 - HEADER] = 8;
	fadt[120 - HEADER] = 0xf9;
	fadt[121 - HEADER] = 0x0c;
	fadt[128 - HEADER] = 0x0f;
	hpet[46 - HEADER] = 0xd0;
	hpet[47 - HEADER] = 0xfe;
	dmar[48 - HEADER + 2] = 16;
	dmar[48 - HEADER + 10] = 0xd9;
	dmar[48 - HEADER + 11] = 0xfe;
	dmar[64 - HEADER] = 1;
	dmar[64 - HEADER + 2] = 8;
	(void)firmware_table(f, "APIC", madt, sizeof(madt));
	(void)firmware_table(f, "FACP", fadt, sizeof(fadt));
	(void)firmware_table(f, "HPET", hpet, sizeof(hpet));
	(void)firmware_table(f, "DMAR", dmar, sizeof(dmar));
	(void)firmware_table(f, "SSDT", madt, sizeof(madt));
	return firmware_root(f, xsdt);
}

static void    *copy[COPIES];
static unsigned copies;

static const void *
at(const void *context, uint64_t first, size_t bytes)
{
	const struct firmware *f = context;

	if (first < MEMORY_FIRST || bytes > MEMORY_BYTES ||
	    first - MEMORY_FIRST > MEMORY_BYTES - bytes || copies == COPIES)
		return NULL;
	copy[copies] = malloc(bytes);
	memcpy(copy[copies], f->byte + (first - MEMORY_FIRST), bytes);
	return copy[copies++];
}

enum status
firmware_read(const struct firmware *f, uint64_t rsdp, struct acpi *out)
{
	const struct acpi_memory m = {.at = at, .context = f};
	enum status              st;

	copies = 0;
	st = acpi_read(&m, rsdp, out);
	while (copies > 0)
		free(copy[--copies]);
	return st;
}
