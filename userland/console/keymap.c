/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/console/keymap.h"

#include <string.h>

enum { /* Scan codes, set 1. */
	KEY_CONTROL = 0x1d,
	KEY_LEFT_SHIFT = 0x2a,
	KEY_RIGHT_SHIFT = 0x36,
	KEY_CAPS = 0x3a,
	KEYS = 0x3a,
};

/* From 0x00 to 0x39; 0: nothing. */
static const char plain[KEYS + 1] =
    "\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./"
    "\0*\0 ";
static const char shifted[KEYS + 1] =
    "\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?"
    "\0*\0 ";

/* Extended keys and what terminals send for them. */
static const struct {
	uint8_t key;
	char    text[KEYMAP_BYTES + 1];
} extended[] = {
    {0x48, "\033[A"}, {0x50, "\033[B"}, {0x4d, "\033[C"}, {0x4b, "\033[D"},
    {0x47, "\033[H"}, {0x4f, "\033[F"}, {0x53, "\033[3~"}, {0x1c, "\r"},
    {0x35, "/"},
};

static bool
modifier(struct keymap *k, unsigned key, bool down)
{
	switch (key) {
	case KEY_LEFT_SHIFT:
	case KEY_RIGHT_SHIFT:
		k->shift = down;
		return true;
	case KEY_CONTROL:
	case KEY_CONTROL | INPUT_EXTENDED:
		k->control = down;
		return true;
	case KEY_CAPS:
		k->caps ^= down;
		return true;
	/* Sent around some extended keys: they mean nothing. */
	case KEY_LEFT_SHIFT | INPUT_EXTENDED:
	case KEY_RIGHT_SHIFT | INPUT_EXTENDED:
		return true;
	default:
		return false;
	}
}

size_t
keymap_type(struct keymap *k, uint64_t event, uint8_t bytes[KEYMAP_BYTES])
{
	unsigned key = (unsigned)event & INPUT_KEY_MASK;
	bool     down = (event & INPUT_DOWN) != 0, letter;
	char     c;

	if (modifier(k, key, down) || !down)
		return 0;
	for (unsigned i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
		if (key == (extended[i].key | (unsigned)INPUT_EXTENDED)) {
			size_t n = strlen(extended[i].text);

			memcpy(bytes, extended[i].text, n);
			return n;
		}
	if (key >= KEYS)
		return 0;
	letter = plain[key] >= 'a' && plain[key] <= 'z';
	c = (k->shift != (k->caps && letter)) ? shifted[key] : plain[key];
	if (k->control)
		c = letter ? (char)(plain[key] - 'a' + 1) : 0;
	if (c == 0)
		return 0;
	bytes[0] = (uint8_t)c;
	return 1;
}
