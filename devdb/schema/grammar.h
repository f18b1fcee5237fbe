/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a device's tree may say, as tables: each kind of node lists its
 * properties, with the form of each, and the kinds of its subnodes. What no
 * table names is an error. The host tools hold sources against
 * grammar_source, the catalogue holds packages against grammar_package.
 */
#ifndef DEVDB_SCHEMA_GRAMMAR_H
#define DEVDB_SCHEMA_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

enum grammar_form {
	FORM_FLAG,    /* No value. */
	FORM_STRING,  /* One string. */
	FORM_STRINGS, /* One or more. */
	FORM_CELLS,   /* A multiple of `cells` numbers, at least one. */
	FORM_CELL,    /* Exactly `cells` numbers. */
	FORM_BYTES,   /* Anything, at least one byte. */
};

struct grammar_property {
	const char       *name;
	enum grammar_form form;
	int               cells;
	bool              must;
};

enum {
	GRAMMAR_NAMED = 8,
	GRAMMAR_DEPTH = 6, /* Of the deepest node below the driver's own. */
};

struct grammar_kind {
	/* NULL: any properties. Ended by one without a name. */
	const struct grammar_property *property;
	const struct grammar_kind     *child; /* Of all subnodes but those: */
	const char                    *named[GRAMMAR_NAMED];
	const struct grammar_kind     *named_kind[GRAMMAR_NAMED];
};

/* The driver's node of a source, and that of a package. */
extern const struct grammar_kind grammar_source, grammar_package;

/* The subnodes without which neither is whole, ended by NULL. */
extern const char *const grammar_sections[];

/* Has the value of this property the form it must have? */
bool grammar_fits(
    const struct grammar_property *p, const void *data, int bytes);

/* The row of a property, or NULL; k->property is not NULL. */
const struct grammar_property *grammar_find(
    const struct grammar_kind *k, const char *name);

/* What a subnode of this name is, or NULL if there may be none. */
const struct grammar_kind *grammar_child(
    const struct grammar_kind *k, const char *name);

#endif
