/* SPDX-License-Identifier: BSD-2-Clause */
/* The states of the demonstration `fill`. */
#ifndef USERLAND_DEMO_FILL_H
#define USERLAND_DEMO_FILL_H

enum fill_state {
	FILL_IDLE,
	FILL_WRITING,
	FILL_VERIFYING,
	FILL_DONE,
	FILL_STOPPED,
};

enum {
	FILL_MEBIBYTES = 3072, /* As much as 24 slots of its space have. */
	FILL_ROUNDS = 1000,    /* At most, as the shell has it. */
};

#endif
