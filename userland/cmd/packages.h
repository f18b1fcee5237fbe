/* SPDX-License-Identifier: BSD-2-Clause */
/* What `drv` and `dev why` say of driver packages. */
#ifndef USERLAND_CMD_PACKAGES_H
#define USERLAND_CMD_PACKAGES_H

#include "userland/cmd/command.h"

/* The packages, if this shell has a catalogue and there are any. */
void packages_list(struct command_call *c);

/*
 * drv add, remove, forget NAME, drv prefer DRIVER DEVICE, drv history; false:
 * it is none of them.
 */
bool packages_command(struct command_call *c);

/* Names of devices (userland/cmd/names.c): the list of them. */
void names_list(struct command_call *c);

/* dev name DEVICE NAME */
void names_change(struct command_call *c);

/* Can it be a name? If it is too long for one, says so. */
bool names_short(struct command_call *c, const char *name);

/*
 * Where the device of that name is now, in DEVDB_NAME bytes at `path`; what is
 * no name is copied. False, after a word, if it is nowhere.
 */
bool names_path(struct command_call *c, const char *name, char *path);

/* What packages have to do with a device. */
void packages_why(struct command_call *c, const char *device);

#endif
