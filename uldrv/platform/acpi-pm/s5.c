/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/platform/acpi-pm/s5.h"

#include <string.h>

enum { /* AML: ACPI 5.0, 20.2. */
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_ROOT = 0x5c,
	AML_PACKAGE = 0x12,
	TYPE_MOST = 7, /* SLP_TYP has three bits (4.8.3.2.1). */
};

/* The first element of a package at `at`: 20.2.4, 20.2.5.4. */
static bool
package_first(const uint8_t *table, size_t bytes, size_t at, uint8_t *value)
{
	if (at + 2 > bytes || table[at] != AML_PACKAGE)
		return false;
	at += 1 + 1 + (size_t)(table[at + 1] >> 6); /* PkgLength. */
	at++;                                       /* NumElements. */
	if (at + 2 > bytes)
		return false;
	if (table[at] == AML_ZERO || table[at] == AML_ONE)
		*value = table[at];
	else if (table[at] == AML_BYTE)
		*value = table[at + 1];
	else
		return false;
	return *value <= TYPE_MOST;
}

enum status
s5_find(const uint8_t *table, size_t bytes, uint8_t *type)
{
	for (size_t i = 1; i + 6 <= bytes; i++) {
		bool named = table[i - 1] == AML_NAME ||
		    (i > 1 && table[i - 1] == AML_ROOT &&
			table[i - 2] == AML_NAME);

		if (named && memcmp(table + i, "_S5_", 4) == 0 &&
		    package_first(table, bytes, i + 4, type))
			return RC_OK;
	}
	return RC_NOT_FOUND;
}
