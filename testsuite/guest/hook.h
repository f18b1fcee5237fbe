/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before everything else in the conformance tests: the generated
 * stubs call through here, so that what each order answered is noted.
 */
#ifndef TESTSUITE_GUEST_HOOK_H
#define TESTSUITE_GUEST_HOOK_H

#ifndef __ASSEMBLER__

#include "userland/rt/invoke.h"

/* Call; note that the stub of this name answered so (conform.c). */
enum status conform_call(
    const char *stub, struct message *m, enum status (*call)(struct message *));

#define ant_call(m)       conform_call(__func__, (m), ant_call)
#define ant_call_words(m) conform_call(__func__, (m), ant_call_words)

#endif

#endif
