/* SPDX-License-Identifier: BSD-2-Clause */
/* Notices: bits in another process's notice word. */
#ifndef USERLAND_RT_NOTICE_H
#define USERLAND_RT_NOTICE_H

#include "userland/rt/invoke.h"

/* Set the bit of a notice capability; waits for nobody, cannot fail. */
static inline void
notice_set(capreg notice)
{
	struct message m = {.control = control_make(INVOKE_SEND, notice)};

	ant_invoke_words(&m);
}

#endif
