/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of installed drivers, /drivers/NAME: one device tree, changed by
 * overlays. libfdt may leave a tree destroyed when it reports an error, so
 * each change is made on a copy, and the copy takes the tree's place only when
 * it is whole (S7).
 */
#ifndef DEVDB_CATALOGUE_TREE_H
#define DEVDB_CATALOGUE_TREE_H

#include "devdb/catalogue/package.h"

enum {
	TREE_BYTES = 64 * 1024,
	TREE_HASH = 32,
};

struct tree {
	unsigned current;
	_Alignas(8) uint8_t bytes[2][TREE_BYTES];
};

static inline const void *
tree_fdt(const struct tree *t)
{
	return t->bytes[t->current];
}

/* An empty one. */
void tree_begin(struct tree *t);

/*
 * The overlay of a package that package_read accepted, without its image, of
 * which length and hash stay: at most PACKAGE_TREE + 256 bytes. RC_LIMIT.
 */
enum status overlay_make(const void *blob, const struct package *p,
    const uint8_t *hash, void *overlay, size_t room) must_check;

/*
 * Applies it. The overlay is destroyed, the tree is the old or the new one.
 * RC_EXISTS: there is a driver of this name. RC_FULL: no room is left.
 */
enum status tree_apply(
    struct tree *t, const char *name, void *overlay) must_check;

/* RC_NOT_FOUND. */
enum status tree_remove(struct tree *t, const char *name) must_check;

/* The node of a driver, or a negative number. */
int tree_find(const struct tree *t, const char *name);

/* hash.c: SHA-256 (FIPS 180-4). */
void hash_bytes(const void *bytes, size_t length, uint8_t hash[TREE_HASH]);

#endif
