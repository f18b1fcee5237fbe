/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds which space bank, and its figures, for ps. */
#ifndef USERLAND_CMD_BANKS_H
#define USERLAND_CMD_BANKS_H

#include "kernel/abi/kinfo.h"
#include "userland/cmd/command.h"

/* In this order, with kernel info in REG_T0; the middle two for each process. */
void banks_begin(void);
void banks_find(const struct kinfo_process *p); /* Before any banks_note. */
void banks_note(const struct kinfo_process *p);
void banks_show(struct command_call *c);

#endif
