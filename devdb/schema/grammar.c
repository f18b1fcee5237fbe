/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/schema/grammar.h"

#include <string.h>

#define PROPERTIES(name) static const struct grammar_property name[]
#define KIND(name)       static const struct grammar_kind name

PROPERTIES(none) = {{0}};

PROPERTIES(field_p) = {
    {"bits", FORM_CELL, 2, true}, {"title", FORM_STRING, 0, false}, {0}};

KIND(any_values) = {.property = NULL};
KIND(field) = {
    .property = field_p,
    .named = {"values"},
    .named_kind = {&any_values},
};

PROPERTIES(register_p) = {
    {"offset", FORM_CELL, 1, true},
    {"width", FORM_CELL, 1, true},
    {"access", FORM_STRING, 0, true},
    {"section", FORM_STRING, 0, true},
    {"title", FORM_STRING, 0, false},
    {"count", FORM_CELL, 1, false},
    {"one-address", FORM_FLAG, 0, false},
    {"when", FORM_STRING, 0, false},
    {0},
};

KIND(reg) = {
    .property = register_p,
    .child = &field,
    .named = {"values"},
    .named_kind = {&any_values},
};

PROPERTIES(region_p) = {
    {"kind", FORM_STRING, 0, true},
    {"resource", FORM_CELL, 1, false},
    {"bytes", FORM_CELL, 1, true},
    {"section", FORM_STRING, 0, true},
    {"optional", FORM_FLAG, 0, false},
    {0},
};

KIND(region) = {.property = region_p, .child = &reg};
KIND(regions) = {.property = none, .child = &region};

PROPERTIES(match_p) = {
    {"bus", FORM_STRING, 0, true},
    {"vendor", FORM_CELL, 1, false},
    {"device", FORM_CELL, 1, false},
    {"subvendor", FORM_CELL, 1, false},
    {"subdevice", FORM_CELL, 1, false},
    {"class", FORM_CELL, 1, false},
    {"class-mask", FORM_CELL, 1, false},
    {"revision", FORM_CELL, 2, false},
    {"id", FORM_STRING, 0, false},
    {0},
};

KIND(match) = {.property = match_p};
KIND(matches) = {.property = none, .child = &match};

/* What a device needs, and what each of its units does. */
#define UNIT_PROPERTIES                                                        \
	{"ports", FORM_CELLS, 2, false}, {"bar-ports", FORM_CELLS, 3, false},  \
	    {"bars", FORM_CELLS, 1, false}, {"mmio", FORM_CELL, 2, false},     \
	    {"bars-optional", FORM_CELLS, 1, false},                           \
	    {"config-ports", FORM_CELL, 3, false},                             \
	    {"isa-irqs", FORM_CELLS, 1, false}, {"irqs", FORM_CELL, 1, false}, \
	{                                                                      \
		"messages", FORM_CELL, 1, false                                \
	}

PROPERTIES(unit_p) = {
    UNIT_PROPERTIES,
    {"where", FORM_STRING, 0, false},
    {0},
};

PROPERTIES(needs_p) = {
    UNIT_PROPERTIES,
    {"dma-pages", FORM_CELL, 1, false},
    {"data-pages", FORM_CELL, 1, false},
    {"dma-bits", FORM_CELL, 1, false},
    {"windows", FORM_CELL, 1, false},
    {"bus-master", FORM_FLAG, 0, false},
    {"firmware-tables", FORM_FLAG, 0, false},
    {0},
};

KIND(unit) = {.property = unit_p};
KIND(needs) = {.property = needs_p, .child = &unit};

PROPERTIES(policy_p) = {
    {"resident", FORM_FLAG, 0, false},
    {"priority", FORM_CELL, 1, true},
    {"restart-limit", FORM_CELL, 1, true},
    {"back-off-ms", FORM_CELL, 2, true},
    {"heartbeat-ms", FORM_CELL, 1, true},
    {0},
};

KIND(policy) = {.property = policy_p};

PROPERTIES(source_p) = {
    {"title", FORM_STRING, 0, true},
    {"documents", FORM_STRINGS, 0, true},
    {"class", FORM_STRING, 0, true},
    {"notes", FORM_STRINGS, 0, false},
    {0},
};

const struct grammar_kind grammar_source = {
    .property = source_p,
    .named = {"match", "needs", "policy", "registers"},
    .named_kind = {&matches, &needs, &policy, &regions},
};

PROPERTIES(package_p) = {
    {"title", FORM_STRING, 0, true},
    {"class", FORM_STRING, 0, true},
    {"image", FORM_BYTES, 0, true},
    {0},
};

const struct grammar_kind grammar_package = {
    .property = package_p,
    .named = {"match", "needs", "policy"},
    .named_kind = {&matches, &needs, &policy},
};

const char *const grammar_sections[] = {"match", "needs", "policy", NULL};

/* One line of printable ASCII, and the zero that ends it. */
static bool
is_line(const char *text, size_t bytes)
{
	for (size_t i = 0; i + 1 < bytes; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return text[bytes - 1] == 0;
}

bool
grammar_fits(const struct grammar_property *p, const void *data, int bytes)
{
	const char *text = data;

	switch (p->form) {
	case FORM_FLAG:
		return bytes == 0;
	case FORM_STRING:
		return bytes > 1 && is_line(text, (size_t)bytes);
	case FORM_STRINGS:
		return bytes > 1 && text[bytes - 1] == '\0';
	case FORM_CELL:
		return bytes == 4 * p->cells;
	case FORM_CELLS:
		return bytes > 0 && bytes % (4 * p->cells) == 0;
	case FORM_BYTES:
		return bytes > 0;
	}
	return false;
}

const struct grammar_property *
grammar_find(const struct grammar_kind *k, const char *name)
{
	for (const struct grammar_property *p = k->property; p->name != NULL;
	     p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

const struct grammar_kind *
grammar_child(const struct grammar_kind *k, const char *name)
{
	for (int i = 0; i < GRAMMAR_NAMED && k->named[i] != NULL; i++)
		if (strcmp(k->named[i], name) == 0)
			return k->named_kind[i];
	return k->child;
}
