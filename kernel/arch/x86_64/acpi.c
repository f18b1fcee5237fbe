/* SPDX-License-Identifier: BSD-2-Clause */
/* From the root pointer to the tables, ACPI 6.4, 5.2.5 to 5.2.8. */
#include "kernel/arch/x86_64/acpi.h"

#include "kernel/core/core.h"

enum {
	HEADER_BYTES = 36,
	RSDP_BYTES_1 = 20,
	RSDP_BYTES_2 = 36,
	RSDP_CHECKSUM_1 = 20, /* Bytes that revision 1's checksum covers. */
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_XSDT = 24,
	TABLE_LENGTH = 4,
};

static bool
sums_to_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

/* For a log line: four characters, whatever firmware put there. */
static void
copy_name(char to[5], const uint8_t *from)
{
	for (int i = 0; i < 4; i++)
		to[i] = from[i] >= ' ' && from[i] < 0x7f ? (char)from[i] : '?';
	to[4] = '\0';
}

/* A table whose length and checksum are right, or NULL with a log line. */
static const uint8_t *
table_at(const struct acpi_memory *m, uint64_t address, uint32_t *bytes)
{
	const uint8_t *t = m->at(m->context, address, HEADER_BYTES);
	char           name[5];

	if (t == NULL) {
		log_line("acpi: table at %lx refused: not in firmware memory",
		    address);
		return NULL;
	}
	copy_name(name, t);
	*bytes = acpi_32(t + TABLE_LENGTH);
	if (*bytes < HEADER_BYTES || *bytes > ACPI_BYTES) {
		log_line("acpi: %s at %lx refused: length %u", name, address,
		    *bytes);
		return NULL;
	}
	t = m->at(m->context, address, *bytes);
	if (t == NULL || !sums_to_zero(t, *bytes)) {
		log_line("acpi: %s at %lx refused: %s", name, address,
		    t == NULL ? "not in firmware memory" : "checksum");
		return NULL;
	}
	return t;
}

static bool
named(const uint8_t *t, const char *name)
{
	return memcmp(t, name, 4) == 0;
}

static void
read_table(const struct acpi_memory *m, uint64_t address, struct acpi *out)
{
	uint32_t       bytes;
	const uint8_t *t = m->at(m->context, address, HEADER_BYTES);

	/* Others are not ours to check. */
	if (t != NULL && !named(t, "APIC") && !named(t, "FACP") &&
	    !named(t, "HPET") && !named(t, "DMAR"))
		return;
	t = table_at(m, address, &bytes);
	if (t == NULL)
		return;
	if (named(t, "APIC"))
		acpi_madt(t, bytes, out);
	else if (named(t, "FACP"))
		acpi_fadt(t, bytes, out);
	else if (named(t, "HPET"))
		acpi_hpet(t, bytes, out);
	else if (named(t, "DMAR"))
		acpi_dmar(t, bytes, out);
}

static void
read_root(const struct acpi_memory *m, const uint8_t *root, uint32_t bytes,
    struct acpi *out)
{
	const unsigned size = named(root, "XSDT") ? 8 : 4;
	unsigned       n = (bytes - HEADER_BYTES) / size;

	if (n > ACPI_TABLES) {
		log_line("acpi: %u tables, only %u looked at", n, ACPI_TABLES);
		n = ACPI_TABLES;
	}
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *p = root + HEADER_BYTES + size * i;

		read_table(m, size == 8 ? acpi_64(p) : acpi_32(p), out);
	}
}

/* The XSDT if there is one that verifies, else the RSDT. */
static const uint8_t *
find_root(const struct acpi_memory *m, const uint8_t *rsdp, uint32_t *bytes)
{
	const uint8_t *root;

	if (rsdp[RSDP_REVISION] >= 2) {
		root = table_at(m, acpi_64(rsdp + RSDP_XSDT), bytes);
		if (root != NULL && named(root, "XSDT"))
			return root;
	}
	root = table_at(m, acpi_32(rsdp + RSDP_RSDT), bytes);
	return root != NULL && named(root, "RSDT") ? root : NULL;
}

enum status
acpi_read(const struct acpi_memory *m, uint64_t rsdp, struct acpi *out)
{
	const uint8_t *r, *root;
	uint32_t       bytes;

	memset(out, 0, sizeof(*out));
	if (rsdp == 0)
		return RC_NOT_FOUND;
	r = m->at(m->context, rsdp, RSDP_BYTES_1);
	if (r != NULL && r[RSDP_REVISION] >= 2)
		r = m->at(m->context, rsdp, RSDP_BYTES_2);
	if (r == NULL || memcmp(r, "RSD PTR ", 8) != 0 ||
	    !sums_to_zero(r, RSDP_CHECKSUM_1) ||
	    (r[RSDP_REVISION] >= 2 && !sums_to_zero(r, RSDP_BYTES_2))) {
		log_line("acpi: root pointer at %lx refused", rsdp);
		return RC_NOT_FOUND;
	}
	root = find_root(m, r, &bytes);
	if (root == NULL)
		return RC_NOT_FOUND;
	read_root(m, root, bytes, out);
	return RC_OK;
}
