/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The QEMU Machine Protocol over a connected stream socket: one JSON object a
 * line (QEMU's docs/interop/qmp-spec.txt). Nothing here waits; the owner polls
 * the descriptor beside its others.
 */
#ifndef TESTSUITE_SYSTEM_LIB_QMP_H
#define TESTSUITE_SYSTEM_LIB_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct qmp {
	int     fd;
	char   *line; /* what came after the last complete line */
	size_t  used, size;
	json_t *replies; /* an array, oldest first */
	json_t *events;  /* the same */
};

/* Takes over the descriptor. */
void qmp_open(struct qmp *q, int fd);
void qmp_close(struct qmp *q);

/* Takes in what has arrived; false when the other side has closed. */
bool qmp_take(struct qmp *q);

/* Sends a command. The reference to `args` is taken; NULL for none. */
bool qmp_put(struct qmp *q, const char *command, json_t *args);

/* The oldest reply, {"return": ...} or {"error": ...}, or NULL; owned. */
json_t *qmp_reply(struct qmp *q);

/* Takes the oldest event of that name out of the queue, or NULL; owned. */
json_t *qmp_event(struct qmp *q, const char *name);

#endif
