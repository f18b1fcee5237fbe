/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/shell/keys.h"

enum {
	ESC = 0x1b,
	DEL = 0x7f,
};

static enum key
control_key(uint8_t byte)
{
	static const uint8_t table[32] = {
	    ['A' - '@'] = KEY_HOME,
	    ['B' - '@'] = KEY_LEFT,
	    ['C' - '@'] = KEY_INTERRUPT,
	    ['D' - '@'] = KEY_EOF,
	    ['E' - '@'] = KEY_END,
	    ['F' - '@'] = KEY_RIGHT,
	    ['H' - '@'] = KEY_BACKSPACE,
	    ['J' - '@'] = KEY_ENTER,
	    ['K' - '@'] = KEY_KILL_END,
	    ['L' - '@'] = KEY_REDRAW,
	    ['M' - '@'] = KEY_ENTER,
	    ['N' - '@'] = KEY_DOWN,
	    ['P' - '@'] = KEY_UP,
	    ['U' - '@'] = KEY_KILL_START,
	    ['W' - '@'] = KEY_KILL_WORD,
	    ['Y' - '@'] = KEY_YANK,
	};

	return (enum key)table[byte];
}

/* The bytes of the character that starts with this byte; 0: none does. */
static unsigned
utf8_length(uint8_t byte)
{
	if (byte < 0x80)
		return 1;
	if (byte >= 0xc2 && byte < 0xe0)
		return 2;
	if (byte >= 0xe0 && byte < 0xf0)
		return 3;
	if (byte >= 0xf0 && byte < 0xf5)
		return 4;
	return 0;
}

static enum key
ground(struct keys *k, uint8_t byte)
{
	uint8_t last = k->last;

	k->last = byte;
	if (byte == '\n' && last == '\r')
		return KEY_NONE;
	if (byte == ESC) {
		k->state = KEYS_ESCAPE;
		return KEY_NONE;
	}
	if (byte < 0x20)
		return control_key(byte);
	if (byte == DEL)
		return KEY_BACKSPACE;
	k->expect = utf8_length(byte);
	if (k->expect == 0)
		return KEY_NONE;
	k->text[0] = (char)byte;
	k->bytes = 1;
	if (k->expect == 1)
		return KEY_TEXT;
	k->state = KEYS_UTF8;
	return KEY_NONE;
}

static enum key
utf8(struct keys *k, uint8_t byte)
{
	if ((byte & 0xc0) != 0x80) {
		/* Broken off: the new byte starts afresh. */
		k->state = KEYS_GROUND;
		return ground(k, byte);
	}
	k->text[k->bytes++] = (char)byte;
	if (k->bytes < k->expect)
		return KEY_NONE;
	k->state = KEYS_GROUND;
	return KEY_TEXT;
}

static enum key
numbered(unsigned number)
{
	switch (number) {
	case 1:
	case 7:
		return KEY_HOME;
	case 3:
		return KEY_DELETE;
	case 4:
	case 8:
		return KEY_END;
	default:
		return KEY_NONE;
	}
}

static enum key
sequence(struct keys *k, uint8_t byte)
{
	if (byte >= '0' && byte <= '9') {
		k->number = (k->number * 10 + byte - '0') % 1000;
		return KEY_NONE;
	}
	if (byte == ';') {
		k->number = 0; /* Modifiers are not told apart. */
		return KEY_NONE;
	}
	k->state = KEYS_GROUND;
	switch (byte) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return numbered(k->number);
	default:
		return KEY_NONE;
	}
}

enum key
keys_feed(struct keys *k, uint8_t byte)
{
	switch (k->state) {
	case KEYS_ESCAPE:
		k->number = 0;
		k->state = byte == '[' || byte == 'O' ? KEYS_SEQUENCE
						      : KEYS_GROUND;
		return KEY_NONE;
	case KEYS_SEQUENCE:
		return sequence(k, byte);
	case KEYS_UTF8:
		return utf8(k, byte);
	case KEYS_GROUND:
	default:
		return ground(k, byte);
	}
}
