/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTSUITE_UNIT_USERLAND_KINFO_H
#define TESTSUITE_UNIT_USERLAND_KINFO_H

#include "userland/rt/invoke.h"

/* Answers processes and node; what is received as the string is in *record. */
enum status kinfo_answer(
    struct message *m, const void **record, size_t *bytes);

enum status irq_answer(
    struct message *m, const void **record, size_t *bytes);

#endif
