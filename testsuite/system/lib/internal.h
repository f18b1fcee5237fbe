/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the QEMU driver share; tests include vm.h alone. */
#ifndef TESTSUITE_SYSTEM_LIB_INTERNAL_H
#define TESTSUITE_SYSTEM_LIB_INTERNAL_H

#include "testsuite/system/lib/qmp.h"
#include "testsuite/system/lib/vm.h"

enum { MATCHES = 10 };

/* One serial line: all that came, and how much of it waits have consumed. */
struct serial {
	int    fd;
	char  *text; /* NUL-terminated */
	size_t used, size;
	size_t consumed; /* where the last wait ended */
};

struct vm {
	struct vm    *next; /* of those not yet freed */
	bool          shared;
	pid_t         pid; /* 0 once QEMU has been waited for */
	int           status;
	char          dir[128];
	struct serial serial[VM_SERIALS];
	struct qmp    qmp;
	bool          closed; /* QEMU has closed the monitor: it ends */
	bool          failed; /* a wait failed: keep the directory */
	char         *match[MATCHES];
	char         *text_before;
};

/*
 * Waits until QEMU sends something, and takes it in; false when the deadline
 * has passed or QEMU has ended.
 */
bool vm_pump(struct vm *vm, long long deadline);

/* Says that a wait failed, with the transcript and the logs' place. */
void vm_complain(
    struct vm *vm, unsigned port, const char *what, const char *detail);

/* The same of a wait for the guest; the first adds state.txt (state.c). */
void vm_unmet(
    struct vm *vm, unsigned port, const char *what, const char *detail);

/* Builds QEMU's arguments; owned, ends with NULL. */
char **vm_arguments(const struct vm_config *config, const char *dir,
    const int serial[VM_SERIALS], int monitor);
void   vm_arguments_free(char **args);

#endif
