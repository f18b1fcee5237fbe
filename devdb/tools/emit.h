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
 * The boot catalogue: the drivers of all sources below /drivers. Ends the
 * program if that fails.
 */
void emit_catalogue(const struct source *s, int count, FILE *out);

/* A driver package, with its ELF image in it. Ends the program if it fails. */
void emit_package(
    const struct source *s, const void *image, size_t bytes, FILE *out);

#endif
