/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flattened device tree, token by token (Devicetree Specification 0.4,
 * chapter 5): every offset within its block, every name short and of harmless
 * characters, balanced, bounded, and nothing that refers to anything else.
 */
#include "devdb/catalogue/package.h"

#include <string.h>

enum { /* Specification 5.2: words of the header. */
	HEADER_MAGIC,
	HEADER_TOTAL,
	HEADER_STRUCT,
	HEADER_STRINGS,
	HEADER_RESERVED,
	HEADER_VERSION,
	HEADER_COMPATIBLE,
	HEADER_BOOT_CPU,
	HEADER_STRINGS_BYTES,
	HEADER_STRUCT_BYTES,
	HEADER_WORDS,

	RESERVED_BYTES = 16, /* 5.3: the entry that ends the list. */

	TOKEN_BEGIN = 1, /* 5.4.1 */
	TOKEN_END_NODE = 2,
	TOKEN_PROPERTY = 3,
	TOKEN_END = 9,
};

#define MAGIC 0xd00dfeedu

struct walk {
	const uint8_t *base;
	uint32_t       at, end; /* In the structure block; absolute. */
	uint32_t       names, names_bytes;
	unsigned       depth, nodes, properties;
	bool           closed; /* The root node has ended. */
};

static uint32_t
word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

/* Of harmless characters; *length without the zero, which must be there. */
static bool
name_ok(const uint8_t *name, uint32_t room, uint32_t *length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_,.+@#";
	uint32_t          n = 0;

	while (n < room && name[n] != '\0') {
		if (n == PACKAGE_WORD || strchr(allowed, name[n]) == NULL)
			return false;
		n++;
	}
	*length = n;
	return n < room;
}

static bool
forbidden(const uint8_t *name)
{
	static const char *const words[] = {"__fixups__", "__local_fixups__",
	    "__symbols__", "phandle", "linux,phandle", NULL};

	for (unsigned i = 0; words[i] != NULL; i++)
		if (strcmp((const char *)name, words[i]) == 0)
			return true;
	return false;
}

static uint32_t
padded(uint32_t bytes)
{
	return (bytes + 3) & ~3u;
}

static const char *
walk_begin(struct walk *w)
{
	uint32_t length;

	if (!name_ok(w->base + w->at, w->end - w->at, &length))
		return "the name of a node is too long, or of odd characters";
	if (w->closed || (w->depth == 0) != (length == 0))
		return "there must be one root, and only it has no name";
	if (forbidden(w->base + w->at))
		return "fix-ups and symbols are not allowed";
	if (++w->nodes > PACKAGE_NODES)
		return "too many nodes";
	if (++w->depth > PACKAGE_DEPTH)
		return "nodes are nested too deep";
	if (padded(length + 1) > w->end - w->at)
		return "a node ends outside the structure";
	w->at += padded(length + 1);
	return NULL;
}

static const char *
walk_property(struct walk *w)
{
	uint32_t bytes, name, length;

	if (w->end - w->at < 8)
		return "a property ends outside the structure";
	bytes = word(w->base + w->at);
	name = word(w->base + w->at + 4);
	w->at += 8;
	if (w->depth == 0)
		return "a property stands outside the nodes";
	if (bytes > PACKAGE_MOST || padded(bytes) > w->end - w->at)
		return "a property ends outside the structure";
	if (name >= w->names_bytes ||
	    !name_ok(
		w->base + w->names + name, w->names_bytes - name, &length) ||
	    length == 0)
		return "the name of a property is nowhere, or odd";
	if (forbidden(w->base + w->names + name))
		return "phandles are not allowed";
	if (++w->properties > PACKAGE_PROPERTIES)
		return "too many properties";
	w->at += padded(bytes);
	return NULL;
}

static const char *
walk_token(struct walk *w, bool *done)
{
	uint32_t token;

	if (w->end - w->at < 4)
		return "the structure does not end";
	token = word(w->base + w->at);
	w->at += 4;
	switch (token) {
	case TOKEN_BEGIN:
		return walk_begin(w);
	case TOKEN_END_NODE:
		if (w->depth == 0)
			return "a node ends that has not begun";
		w->closed = --w->depth == 0;
		return NULL;
	case TOKEN_PROPERTY:
		return walk_property(w);
	case TOKEN_END:
		*done = true;
		if (!w->closed || w->at != w->end)
			return "the structure ends too early";
		return NULL;
	default:
		return "the structure has an unknown token";
	}
}

/* The blocks lie one behind the other, in the order that dtc writes. */
static const char *
blocks_wrong(const uint8_t *base, const uint32_t *h)
{
	static const uint8_t zero[RESERVED_BYTES];
	uint32_t             total = h[HEADER_TOTAL];

	if (h[HEADER_RESERVED] % 8 != 0 || h[HEADER_STRUCT] % 4 != 0 ||
	    h[HEADER_STRUCT_BYTES] % 4 != 0)
		return "a block is not aligned";
	if (h[HEADER_RESERVED] < 4 * HEADER_WORDS ||
	    h[HEADER_STRUCT] < RESERVED_BYTES || h[HEADER_STRUCT] > total ||
	    h[HEADER_RESERVED] > h[HEADER_STRUCT] - RESERVED_BYTES ||
	    h[HEADER_STRUCT_BYTES] > total - h[HEADER_STRUCT] ||
	    h[HEADER_STRINGS] < h[HEADER_STRUCT] + h[HEADER_STRUCT_BYTES] ||
	    h[HEADER_STRINGS] > total ||
	    h[HEADER_STRINGS_BYTES] > total - h[HEADER_STRINGS])
		return "a block lies outside, or on another";
	if (memcmp(base + h[HEADER_RESERVED], zero, RESERVED_BYTES) != 0)
		return "memory reservations are not allowed";
	return NULL;
}

const char *
walk_wrong(const void *blob, size_t bytes)
{
	uint32_t    h[HEADER_WORDS];
	struct walk w = {.base = blob};
	const char *wrong;
	bool        done = false;

	if (bytes < 4 * HEADER_WORDS || bytes > PACKAGE_MOST)
		return "it is too short, or longer than 512 KiB";
	for (unsigned i = 0; i < HEADER_WORDS; i++)
		h[i] = word(w.base + (size_t)4 * i);
	if (h[HEADER_MAGIC] != MAGIC)
		return "it is no device tree";
	if (h[HEADER_TOTAL] != bytes)
		return "its length is not what it says";
	if (h[HEADER_VERSION] != 17 || h[HEADER_COMPATIBLE] != 16)
		return "it is not of version 17";
	wrong = blocks_wrong(w.base, h);
	w.at = h[HEADER_STRUCT];
	w.end = w.at + h[HEADER_STRUCT_BYTES];
	w.names = h[HEADER_STRINGS];
	w.names_bytes = h[HEADER_STRINGS_BYTES];
	while (wrong == NULL && !done)
		wrong = walk_token(&w, &done);
	return wrong;
}
