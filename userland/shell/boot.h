/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot range's shell does before its prompt: it waits whether a
 * volume opens, whose shell then has the console, and otherwise says why the
 * system stays without one.
 */
#ifndef USERLAND_SHELL_BOOT_H
#define USERLAND_SHELL_BOOT_H

#include "userland/lib/term.h"

/* At most some seconds; at once if there is no store, or no volume. */
void boot_wait(void);

/* Why this shell prompts: no volume is open, for these controllers have no driver. */
void boot_explain(struct term *out);

#endif
