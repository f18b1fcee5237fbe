/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/tools/source.h"

#include <ctype.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
die(const char *file, const char *text)
{
	fprintf(stderr, "%s: %s\n", file, text);
	exit(1);
}

void *
source_file(const char *file, size_t *length)
{
	FILE  *f = fopen(file, "rb");
	size_t room = 1 << 20;
	char  *bytes = calloc(1, room);
	size_t n;

	if (f == NULL || bytes == NULL)
		die(file, "cannot be opened");
	n = fread(bytes, 1, room - 1, f);
	if (n == 0 || n == room - 1)
		die(file, "is empty or larger than 1 MiB");
	fclose(f);
	if (length != NULL)
		*length = n;
	return bytes;
}

static void
place_add(struct source *s, const char *path, const char *where)
{
	struct place *p;

	s->place = realloc(s->place, (s->places + 1) * sizeof(*p));
	if (s->place == NULL)
		die(path, "out of memory");
	p = &s->place[s->places++];
	snprintf(p->path, sizeof(p->path), "%s", path);
	snprintf(p->where, sizeof(p->where), "%s", where);
}

/*
 * One line of dtc's output: `name {`, `name;`, `name = ...;` or `};`, and at
 * its end the comment with file and line.
 */
static void
annotated_line(struct source *s, char *line, char *path)
{
	char  *text = line + strspn(line, " \t");
	char  *comment = strstr(text, " /* ");
	char   full[2 * PATH_BYTES];
	size_t n;

	if (*text == '}') {
		char *slash = strrchr(path, '/');

		if (slash != NULL)
			*slash = '\0';
		return;
	}
	if (comment == NULL || *text == '/')
		return;
	comment += 4;
	comment[strcspn(comment, " ,")] = '\0';
	if (strchr(comment, ':') == NULL)
		return;
	n = strcspn(text, " ;=");
	snprintf(full, sizeof(full), "%s%c%.*s", path,
	    strncmp(text + n, " {", 2) == 0 ? '/' : ':', (int)n, text);
	place_add(s, full, comment);
	if (strncmp(text + n, " {", 2) == 0)
		snprintf(path, PATH_BYTES, "%.*s", PATH_BYTES - 1, full);
}

void
source_read(
    struct source *s, const char *file, const char *dtb, const char *annotated)
{
	char  path[PATH_BYTES] = "";
	char *text = source_file(annotated, NULL);
	int   count = 0, node;

	*s = (struct source){.fdt = source_file(dtb, NULL), .file = file};
	if (fdt_check_header(s->fdt) != 0)
		die(dtb, "is not a device tree");
	for (char *next, *line = text; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		annotated_line(s, line, path);
	}
	free(text);
	fdt_for_each_subnode(node, s->fdt, 0)
	{
		s->driver = node;
		count++;
	}
	if (count != 1)
		die(dtb, "must have exactly one node below the root");
	s->name = source_name(s, s->driver);
}

void
source_error(
    struct source *s, int node, const char *property, const char *format, ...)
{
	char        path[PATH_BYTES], full[2 * PATH_BYTES];
	const char *where = ":0";
	va_list     args;

	if (fdt_get_path(s->fdt, node, path, sizeof(path)) != 0)
		path[0] = '\0';
	snprintf(full, sizeof(full), "%s%s%s", path,
	    property != NULL ? ":" : "", property != NULL ? property : "");
	for (size_t i = 0; i < s->places; i++)
		if (strcmp(s->place[i].path, full) == 0)
			where = s->place[i].where;
	/* dtc leaves out the folders. */
	fprintf(stderr, "%s:%s: ", s->file, strrchr(where, ':') + 1);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	s->errors++;
}

uint32_t
source_cell(const struct source *s, int node, const char *property, int i,
    uint32_t otherwise)
{
	int            bytes;
	const fdt32_t *cell = fdt_getprop(s->fdt, node, property, &bytes);

	if (cell == NULL || bytes < 4 * (i + 1))
		return otherwise;
	return fdt32_to_cpu(cell[i]);
}

const char *
source_string(const struct source *s, int node, const char *property,
    const char *otherwise)
{
	const char *text = fdt_getprop(s->fdt, node, property, NULL);

	return text != NULL ? text : otherwise;
}

bool
source_has(const struct source *s, int node, const char *property)
{
	return fdt_getprop(s->fdt, node, property, NULL) != NULL;
}

const char *
source_name(const struct source *s, int node)
{
	const char *name = fdt_get_name(s->fdt, node, NULL);

	return name != NULL ? name : "?";
}

int
source_child(const struct source *s, int node, const char *name)
{
	return fdt_subnode_offset(s->fdt, node, name);
}

void
source_upper(const char *name, char *out)
{
	size_t i;

	for (i = 0; name[i] != '\0' && i < PATH_BYTES - 1; i++)
		out[i] = name[i] == '-' ? '_' : (char)toupper(name[i]);
	out[i] = '\0';
}

void
source_lower(const char *name, char *out)
{
	size_t i;

	for (i = 0; name[i] != '\0' && i < PATH_BYTES - 1; i++)
		out[i] = name[i] == '-' ? '_' : name[i];
	out[i] = '\0';
}

bool
source_library(const struct source *s)
{
	return strcmp(source_string(s, s->driver, "class", ""), "library") == 0;
}
