/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's own devices by the qtest protocol: a machine whose only guest is a
 * HLT, memory shared as a file, registers and configuration space reached
 * over a socket, interrupts told over it.
 */
#ifndef TESTSUITE_HARNESS_QTEST_QTEST_H
#define TESTSUITE_HARNESS_QTEST_QTEST_H

#include <sys/types.h>

#include "testsuite/harness/harness.h"
#include "uldrv/bus/pci/pci.h"

enum {
	GUEST_RAM = 16 << 20,
	SHARED_AT = 1 << 20,  /* Where harness.ram lies for the device. */
	MESSAGE_AT = 8 << 20, /* Messages are written here, a word for each. */
	MESSAGE = 0x4d534958,
	LINES = 24,
};

struct qtest {
	pid_t    qemu;
	int      socket;
	char     folder[64];
	char     line[512];
	size_t   have;
	uint8_t *memory; /* All of the guest's. */
	uint32_t raised; /* IOAPIC pins that rose since they were looked at, */
	uint32_t high;   /* and those that are high. */
	struct pci pci;
	int        line_socket; /* The far end of a serial line, 0: none. */
};

/* What a device's file supplies. */
struct qtest_device {
	const char *machine;  /* NULL: pc. */
	const char *args[16]; /* For QEMU; NULL-ended; @ is q->folder. */
	/* After the bus was scanned. */
	void (*describe)(struct harness *h, struct control_given *g);
	int line; /* Its IOAPIC pin, or -1: MSI or MSI-X. */
	bool level; /* It is a level: heard again if it is high after that. */
	bool still; /* It has no clock of its own: what it had to do is soon done. */
};

extern const struct qtest_device device;

/* Starts QEMU; ends the program with a message if it cannot. */
void qtest_open(struct qtest *q);
void qtest_close(struct qtest *q);

/* One command, "inl 0xcfc"; the value of the answer. */
uint64_t qtest_ask(struct qtest *q, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes what QEMU says unasked, waiting at most so many milliseconds. */
void qtest_listen(struct qtest *q, int milliseconds);

/* A socket of QEMU's in q->folder; ends the program if it is not there. */
int qtest_connect(struct qtest *q, const char *name);

/* socket.c: the far end of the device's chardev "line", for far.h. */
void qtest_line(struct qtest *q);

/* Our function on the bus, with BARs and bus master on; NULL if absent. */
struct pci_function *qtest_function(
    struct qtest *q, uint16_t vendor, uint16_t device_id);

/* message.c: MSI-X, or MSI, that write to MESSAGE_AT + 4 * vector. */
bool qtest_messages(
    struct qtest *q, const struct pci_function *f, unsigned vectors);

/*
 * Our function, with its BARs, configuration space and so many messages (0:
 * its line) in g; NULL and a complaint if there is none.
 */
struct pci_function *qtest_given(struct harness *h, uint16_t vendor,
    uint16_t device_id, unsigned vectors, struct control_given *g);

#endif
