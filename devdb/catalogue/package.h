/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is this a driver package? It is hostile input, and libfdt is not the guard:
 * it has read out of bounds on overlays that fdt_check_full let pass. So the
 * blob is first walked by rules of our own (walk.c), which know no fix-ups and
 * no phandles at all; then comes fdt_check_full; then the grammar.
 *
 * Invariant: a package that was accepted has exactly one fragment, for
 * /drivers, with exactly one node, in which nothing stands that
 * grammar_package does not name, and no name twice.
 */
#ifndef DEVDB_CATALOGUE_PACKAGE_H
#define DEVDB_CATALOGUE_PACKAGE_H

#include "devdb/record/record.h"

enum {
	PACKAGE_MOST = 512 * 1024, /* Bytes of a package. */
	PACKAGE_TREE = 8192,       /* Of it, without the image. */
	PACKAGE_PAGES = 160,       /* Of the driver, when it is built. */
	PACKAGE_NODES = 64,
	PACKAGE_PROPERTIES = 512,
	PACKAGE_DEPTH = 8,
	PACKAGE_WORD = 31, /* Characters of a name in it. */
	PACKAGE_WHY = 120, /* Bytes of a complaint. */
};

struct package {
	char                    title[DEVDB_TEXT];
	struct catalogue_driver record;
	int                     node;  /* The driver's, in the blob. */
	const void             *image; /* In the blob; not aligned. */
	size_t                  image_bytes;
};

/*
 * Reads the blob, all of which must be mapped. RC_CORRUPT: it is no package,
 * and why says what is wrong with it.
 */
enum status package_read(
    struct package *p, const void *blob, size_t bytes, char *why) must_check;

/* walk.c: the blob by rules that need no library; NULL or what is wrong. */
const char *walk_wrong(const void *blob, size_t bytes);

#endif
