/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual machine under test: starts QEMU, talks to its serial ports and its
 * monitor, ends it.
 *
 * Nothing here sleeps and hopes: each wait is for an event and has a deadline
 * in seconds, which the environment variable DEADLINE_SCALE multiplies. While
 * one thing is waited for, all that QEMU says is taken in, so that a full pipe
 * never stops the guest for longer than the test computes.
 *
 * A wait that fails says on standard error what it waited for, the end of the
 * transcript, and where the logs are; the machine's directory is then kept.
 */
#ifndef TESTSUITE_SYSTEM_LIB_VM_H
#define TESTSUITE_SYSTEM_LIB_VM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct vm;

enum { VM_SERIALS = 2 };

/* All fields may be zero. */
struct vm_config {
	const char        *machine; /* "q35" (default) or "pc" */
	const char        *cpu; /* default "max"; "" is QEMU's own default */
	unsigned           memory_mb; /* default 256 */
	const char        *image;     /* a raw disk image; NULL for none */
	/*
	 * How the image is attached: "virtio" (default), "ide" (PIIX3: an
	 * add-on card on q35), "ahci", "nvme", "scsi" (virtio-scsi), "none"
	 * (args say how).
	 */
	const char        *disk;
	bool               snapshot;  /* what is written is forgotten */
	bool               iommu;     /* VT-d with interrupt remapping */
	bool               no_reboot; /* a reset ends QEMU */
	bool               paused;    /* waits for the QMP command cont */
	bool               shared;    /* outlives the test that starts it */
	/* The second serial port is a socket that listens at this path. */
	const char        *line2;
	const char *const *args;      /* more arguments, ending with NULL */
};

/*
 * Starts QEMU and its QMP session; NULL, with a message, when that fails. A
 * machine that its test does not free, say after a fatal assertion, is freed
 * when the test ends, unless it is shared.
 */
struct vm *vm_start(const struct vm_config *config);

/* Kills QEMU if it still runs, and releases all. NULL is allowed. */
void vm_free(struct vm *vm);

/* Ends QEMU as a power cut would: SIGKILL. Returns when it is gone. */
void vm_kill9(struct vm *vm);

/* Takes in what comes until some milliseconds have passed; false: it ended. */
bool vm_wait_moment(struct vm *vm);

/*
 * For a loop that looks again and again: the time by which what it looks for
 * must be there; and the moment between two looks, false when that time has
 * come, or QEMU has ended.
 */
long long vm_deadline(unsigned seconds);
bool      vm_look_again(struct vm *vm, long long deadline);

/*
 * A loop that looks again and again gives up: says so, with all that is said
 * when one of the waits below fails.
 */
void vm_gave_up(struct vm *vm, const char *what);

/* Asks QEMU to quit, and waits for it. */
bool vm_quit(struct vm *vm);

/* Waits until QEMU has ended by itself; `status` is that of waitpid. */
bool vm_wait_end(struct vm *vm, unsigned seconds, int *status);

pid_t vm_pid(const struct vm *vm);

/* QEMU's own directory: qemu.log, kernel.log (port 0xe9), firmware.log. */
const char *vm_dir(const struct vm *vm);

/* Keeps the directory, though all went well. */
void vm_keep(struct vm *vm);

/* ------------------------------------------------------------- serial */

/*
 * Waits for the text, or for the POSIX extended regular expression (^ and $
 * match at lines), on the first serial port, after what the last wait has
 * found. Carriage returns are left out of what is searched.
 */
bool vm_expect(struct vm *vm, const char *text, unsigned seconds);
bool vm_expect_re(struct vm *vm, const char *expression, unsigned seconds);

/* The same on any serial port. */
bool vm_expect_on(
    struct vm *vm, unsigned port, const char *text, unsigned seconds);
bool vm_expect_re_on(
    struct vm *vm, unsigned port, const char *expression, unsigned seconds);

/* Part n of the last match (0 the whole), "" if none; for vm_free to free. */
const char *vm_match(struct vm *vm, unsigned n);

/* What stood between the match before and the last one. */
const char *vm_before(struct vm *vm);

bool vm_send(struct vm *vm, const char *text);
bool vm_send_on(struct vm *vm, unsigned port, const void *data, size_t length);

/* All that has come so far, without carriage returns. */
const char *vm_transcript(struct vm *vm, unsigned port);

/* Waits until kernel.log, the debug console, holds the text. */
bool vm_log_expect(struct vm *vm, const char *text, unsigned seconds);

/* ---------------------------------------------------------------- QMP */

/*
 * Runs a command and returns what it returns (owned by the caller), or NULL
 * with a message. The reference to `args` is taken; NULL for none.
 */
json_t *vm_qmp(struct vm *vm, const char *command, json_t *args);

/* As vm_qmp, but an error is an answer: {"return": ...} or {"error": ...}. */
json_t *vm_qmp_raw(struct vm *vm, const char *command, json_t *args);

/* A command whose answer does not matter, but for its success. */
bool vm_do(struct vm *vm, const char *command, json_t *args);

/* Waits for an event (one that came before also counts), owned. */
json_t *vm_event(struct vm *vm, const char *name, unsigned seconds);

/* Has the human monitor answer, as in "info irq"; the caller frees it. */
char *vm_hmp(struct vm *vm, const char *line);

#endif
