/* SPDX-License-Identifier: BSD-2-Clause */
/* The bootstrap's small formatter. */
#ifndef BOOT_BIOS_FORMAT_H
#define BOOT_BIOS_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Like vsnprintf for %s, %c, %u, %x and %%, with an optional width of one
 * digit, which pads with zeros. Always ends the text with a 0 (size > 0) and
 * returns its length, cut to what fits. An unknown conversion is copied.
 */
size_t format_text(char *to, size_t size, const char *format, va_list args);

#endif
