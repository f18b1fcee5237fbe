/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output to a terminal, gathered into few writes. A newline is sent as CR LF.
 */
#ifndef USERLAND_LIB_TERM_H
#define USERLAND_LIB_TERM_H

#include <stddef.h>

enum {
	TERM_BUFFER = 512,
};

struct term {
	void (*write)(void *arg, const char *text, size_t bytes);
	void  *arg;
	size_t used;
	char   buffer[TERM_BUFFER];
};

/* Bytes as they are; what does not fit the buffer is written at once. */
void term_put(struct term *t, const char *text, size_t bytes);

/* Text, with newlines turned into CR LF. */
void term_text(struct term *t, const char *text);

/* The same, formatted; at most 512 bytes. */
void term_printf(struct term *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void term_flush(struct term *t);

#endif
