/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from a terminal, turned into keys: control characters, escape
 * sequences, and characters in UTF-8, which arrive whole or not at all.
 *
 *     ground --ESC--> escape --[ or O--> sequence --letter or ~--> ground
 *     ground --first byte of several--> utf8 --last byte--> ground
 *
 * (all arrows are keys_feed)
 */
#ifndef USERLAND_SHELL_KEYS_H
#define USERLAND_SHELL_KEYS_H

#include <stdint.h>

enum key {
	KEY_NONE, /* More bytes are needed, or they meant nothing. */
	KEY_TEXT, /* keys.text holds a character of keys.bytes bytes. */
	KEY_ENTER,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_UP,
	KEY_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_BACKSPACE,
	KEY_DELETE, /* Or ^D: the end, on an empty line. */
	KEY_EOF,
	KEY_KILL_END,
	KEY_KILL_START,
	KEY_KILL_WORD,
	KEY_YANK,
	KEY_REDRAW,
	KEY_INTERRUPT,
};

enum keys_state {
	KEYS_GROUND,
	KEYS_ESCAPE,
	KEYS_SEQUENCE,
	KEYS_UTF8,
};

enum {
	UTF8_MAX = 4,
};

struct keys {
	enum keys_state state;
	unsigned        number; /* Of an escape sequence. */
	unsigned        expect; /* Bytes of the character. */
	unsigned        bytes;  /* That have come. */
	char            text[UTF8_MAX];
	uint8_t         last; /* To take CR LF as one key. */
};

enum key keys_feed(struct keys *k, uint8_t byte);

#endif
