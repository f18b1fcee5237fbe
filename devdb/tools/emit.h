/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made from a device's tree source. */
#ifndef DEVDB_TOOLS_EMIT_H
#define DEVDB_TOOLS_EMIT_H

#include <stdio.h>

#include "devdb/tools/source.h"

/* Typed accessors and field constants, for the driver. */
void emit_header(const struct source *s, const char *file, FILE *out);

/* A manual page. */
void emit_manual(const struct source *s, FILE *out);

/*
 * Copies match, needs and policy of each source into one device tree, below
 * /drivers: the boot catalogue. Ends the program if that fails.
 */
void emit_catalogue(struct source *s, int count, FILE *out);

#endif
