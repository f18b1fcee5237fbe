/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's tree source: the blob that dtc made of it, and for each node and
 * property the file and line it came from (`dtc --annotate`), so that every
 * complaint names its place.
 */
#ifndef DEVDB_TOOLS_SOURCE_H
#define DEVDB_TOOLS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATH_BYTES = 256 };

struct place {
	char path[2 *
	    PATH_BYTES]; /* "/ide/match/piix3:vendor" for a property. */
	char where[2 * PATH_BYTES]; /* "ide.dts:12", as dtc shortens it. */
};

struct source {
	void         *fdt;
	struct place *place;
	size_t        places;
	int           errors;
	int           driver; /* The offset of the one node below the root. */
	const char   *name;   /* Of that node. */
	const char   *file;   /* The source, for messages. */
};

/* Reads both; ends the program with a message if it cannot. */
void source_read(
    struct source *s, const char *file, const char *dtb, const char *annotated);

/* A whole file, below 1 MiB; ends the program if it cannot be read. */
void *source_file(const char *file, size_t *length);

/* Prints `file:line: text` and counts the error. property may be NULL. */
void source_error(struct source *s, int node, const char *property,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Cell i of a property, or `otherwise` if it is not there. */
uint32_t source_cell(const struct source *s, int node, const char *property,
    int i, uint32_t otherwise);

const char *source_string(const struct source *s, int node,
    const char *property, const char *otherwise);

bool source_has(const struct source *s, int node, const char *property);

/* Registers that several drivers share; no driver of its own. */
bool source_library(const struct source *s);

/* The node's name; never NULL. */
const char *source_name(const struct source *s, int node);

/* A subnode by name, or a negative number. */
int source_child(const struct source *s, int node, const char *name);

/* NAME_OF_A_NODE from name-of-a-node; out has PATH_BYTES. */
void source_upper(const char *name, char *out);
/* name_of_a_node. */
void source_lower(const char *name, char *out);

#endif
