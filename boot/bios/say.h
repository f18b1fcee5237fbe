/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the bootstrap tells people: on the screen, on COM1 and in the hand-off.
 */
#ifndef BOOT_BIOS_SAY_H
#define BOOT_BIOS_SAY_H

/* Starts COM1 and empties the log. To be called before the others. */
void say_start(void);

/*
 * Prints "anteros boot: ", the text and a new line. Of printf's conversions
 * only %s, %u, %x and %c are known, with a width of one digit and zeros.
 */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says which step failed and what to do about it; halts for ever. */
void stop(const char *step, const char *advice) __attribute__((noreturn));

#endif
