/* SPDX-License-Identifier: BSD-2-Clause */
/* What `drv` and `dev why` say of driver packages. */
#ifndef USERLAND_CMD_PACKAGES_H
#define USERLAND_CMD_PACKAGES_H

#include "userland/cmd/command.h"

/* The packages, if this shell has a catalogue and there are any. */
void packages_list(struct command_call *c);

/* drv add, remove, forget NAME, drv history; false: it is none of them. */
bool packages_command(struct command_call *c);

/* What packages have to do with a device. */
void packages_why(struct command_call *c, const char *device);

#endif
