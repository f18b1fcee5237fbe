/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for the console log. */
#ifndef USERLAND_RT_LOG_H
#define USERLAND_RT_LOG_H

enum {
	LOG_LINE_BYTES = 256, /* What is longer is cut. */
};

/*
 * Ends the line if the text does not. A domain without the log capability
 * loses it; nothing can fail.
 */
void log_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
