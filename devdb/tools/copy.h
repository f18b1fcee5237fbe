/* SPDX-License-Identifier: BSD-2-Clause */
/* The node of a driver in a tree that is being written (fdt_create). */
#ifndef DEVDB_TOOLS_COPY_H
#define DEVDB_TOOLS_COPY_H

#include "devdb/tools/source.h"

/* Ends the program if libfdt reports an error. */
void copy_need(int result);

/*
 * Title, class, match, needs and policy of a checked source, and as `image`
 * the given bytes: an index in the boot catalogue, the ELF image in a package.
 */
void copy_driver(
    const struct source *s, const void *image, size_t image_bytes, void *to);

#endif
