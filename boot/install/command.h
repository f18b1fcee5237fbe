/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the command `install`. */
#ifndef BOOT_INSTALL_COMMAND_H
#define BOOT_INSTALL_COMMAND_H

#include "boot/install/install.h"

/* What the command line said; 0 or NULL where it said nothing. */
struct command {
	const char *file;
	const char *kernel;
	const char *range;
	const char *label;
	const char *uuid;
	uint64_t    mib;       /* Size of the disk. */
	uint64_t    first;     /* Sector. */
	uint64_t    part_mib;  /* Size of the partition. */
	unsigned    partition; /* 0 to 3 or INSTALL_ANY. */
	uint32_t    format_least, format_most;
	bool        inactive;
	bool        keep_mbr;
};

bool command_create(const struct command *c, struct install_error *error);
bool command_boot(const struct command *c, struct install_error *error);
bool command_slot(const struct command *c, struct install_error *error);
bool command_show(const struct command *c, struct install_error *error);
bool command_activate(const struct command *c, struct install_error *error);

#endif
