/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device's tree source may say (devdb/schema/README.md). */
#ifndef DEVDB_TOOLS_CHECK_H
#define DEVDB_TOOLS_CHECK_H

#include "devdb/tools/source.h"

/* Complains about everything that is wrong; see source.errors. */
void check_driver(struct source *s);

/* The bits of a field: <high low>. */
struct bits {
	unsigned high, low;
};

struct bits field_bits(const struct source *s, int field);

/* May it be read (`r`), written (`w`)? */
bool register_may(const struct source *s, int reg, char how);

#endif
