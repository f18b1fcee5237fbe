/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"

enum { BIOS_BYTES = 65536, START_MS = 20000, ANSWER_MS = 20000, TRIES = 100 };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
make_file(const struct qtest *q, const char *name, const void *bytes, size_t n,
    off_t size)
{
	char path[128];
	int  fd;

	snprintf(path, sizeof(path), "%s/%s", q->folder, name);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (fd < 0 || (n > 0 && write(fd, bytes, n) != (ssize_t)n) ||
	    ftruncate(fd, size) != 0)
		die(path);
	close(fd);
}

/* HLT everywhere; the reset vector is cli; hlt; jmp to the hlt. */
static void
make_bios(const struct qtest *q)
{
	static uint8_t bios[BIOS_BYTES];

	memset(bios, 0xf4, sizeof(bios));
	memcpy(bios + BIOS_BYTES - 16, "\xfa\xf4\xeb\xfd", 4);
	make_file(q, "bios", bios, sizeof(bios), BIOS_BYTES);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%.100s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 1) != 0)
		die(path);
	return fd;
}

/* The i-th of the device's own arguments. */
static const char *
with_folder(const struct qtest *q, char *out, size_t room, unsigned i)
{
	const char *text = device.args[i];
	const char *at = strchr(text, '@');

	if (at == NULL)
		return text;
	snprintf(
	    out, room, "%.*s%s%s", (int)(at - text), text, q->folder, at + 1);
	return out;
}

static void
run_qemu(const struct qtest *q, const char *socket_path)
{
	char        ram[192], bios[128], disk[192], unix_path[160];
	char        machine[64], trace[192], own[16][192];
	const char *arg[48];
	unsigned    n = 0;

	snprintf(ram, sizeof(ram),
	    "memory-backend-file,id=ram,size=16M,share=on,mem-path=%s/ram",
	    q->folder);
	snprintf(machine, sizeof(machine), "%s,memory-backend=ram",
	    device.machine != NULL ? device.machine : "pc");
	snprintf(bios, sizeof(bios), "%s/bios", q->folder);
	snprintf(disk, sizeof(disk),
	    "file=%s/disk,format=raw,if=none,id=d0,cache=writeback", q->folder);
	snprintf(unix_path, sizeof(unix_path), "unix:%s", socket_path);
	arg[n++] = "qemu-system-x86_64";
	arg[n++] = "-display";
	arg[n++] = "none";
	arg[n++] = "-nodefaults";
	arg[n++] = "-m";
	arg[n++] = "16";
	arg[n++] = "-object";
	arg[n++] = ram;
	arg[n++] = "-machine";
	arg[n++] = machine;
	arg[n++] = "-bios";
	arg[n++] = bios;
	arg[n++] = "-qtest";
	arg[n++] = unix_path;
	arg[n++] = "-qtest-log";
	arg[n++] = "/dev/null";
	arg[n++] = "-drive";
	arg[n++] = disk;
	for (unsigned i = 0; device.args[i] != NULL; i++)
		arg[n++] = with_folder(q, own[i], sizeof(own[i]), i);
	if (getenv("QEMU_TRACE") != NULL && *getenv("QEMU_TRACE") != '\0') {
		snprintf(trace, sizeof(trace), "%s", getenv("QEMU_TRACE"));
		arg[n++] = "-trace";
		arg[n++] = "memory_region_ops_read";
		arg[n++] = "-trace";
		arg[n++] = "memory_region_ops_write";
		arg[n++] = "-D";
		arg[n++] = trace;
	}
	arg[n] = NULL;
	/* No QEMU outlives the test program. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(arg[0], (char *const *)(uintptr_t)arg);
	die(arg[0]);
}

void
qtest_listen(struct qtest *q, int milliseconds)
{
	struct pollfd p = {.fd = q->socket, .events = POLLIN};
	unsigned      line;

	for (;;) {
		char *end = memchr(q->line, '\n', q->have);

		if (end != NULL) {
			if (sscanf(q->line, "IRQ raise %u", &line) == 1 &&
			    line < LINES)
				q->raised |= 1u << line, q->high |= 1u << line;
			else if (sscanf(q->line, "IRQ lower %u", &line) == 1 &&
			    line < LINES)
				q->high &= ~(1u << line);
			else if (strncmp(q->line, "IRQ", 3) != 0)
				return; /* An answer: for qtest_ask. */
			q->have -= (size_t)(end + 1 - q->line);
			memmove(q->line, end + 1, q->have);
			continue;
		}
		if (poll(&p, 1, milliseconds) <= 0)
			return;
		ssize_t n = read(
		    q->socket, q->line + q->have, sizeof(q->line) - q->have);

		if (n <= 0)
			die("QEMU is gone");
		q->have += (size_t)n;
		milliseconds = 0;
	}
}

uint64_t
qtest_ask(struct qtest *q, const char *format, ...)
{
	char     text[128];
	uint64_t value = 0;
	va_list  args;
	int      n;
	char    *end;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	text[n++] = '\n';
	if (write(q->socket, text, (size_t)n) != n)
		die("QEMU is gone");
	for (int tries = 0; (end = memchr(q->line, '\n', q->have)) == NULL ||
	     strncmp(q->line, "IRQ", 3) == 0;
	     tries++) {
		if (tries > TRIES * (int)runner_deadline_scale())
			die("QEMU does not answer");
		qtest_listen(q, ANSWER_MS / TRIES);
	}
	if (strncmp(q->line, "OK", 2) != 0) {
		fprintf(stderr, "qtest: %s %s", text, q->line);
		exit(1);
	}
	(void)!sscanf(q->line, "OK %lx", &value);
	q->have -= (size_t)(end + 1 - q->line);
	memmove(q->line, end + 1, q->have);
	return value;
}

static char
width(unsigned bytes)
{
	return bytes == 1 ? 'b' : bytes == 2 ? 'w' : 'l';
}

static uint32_t
config_in(void *space, uint16_t id, unsigned offset, unsigned bytes)
{
	(void)qtest_ask(space, "outl 0xcf8 0x%x",
	    0x80000000u | (uint32_t)id << 8 | (offset & 0xfc));
	return (uint32_t)qtest_ask(
	    space, "in%c 0x%x", width(bytes), 0xcfc + (offset & 3));
}

static void
config_out(
    void *space, uint16_t id, unsigned offset, unsigned bytes, uint32_t value)
{
	(void)qtest_ask(space, "outl 0xcf8 0x%x",
	    0x80000000u | (uint32_t)id << 8 | (offset & 0xfc));
	(void)qtest_ask(space, "out%c 0x%x 0x%x", width(bytes),
	    0xcfc + (offset & 3), value);
}

void
qtest_open(struct qtest *q)
{
	char          path[128];
	struct pollfd p = {.events = POLLIN};
	int           fd;

	strcpy(q->folder, "/tmp/harness-XXXXXX");
	if (mkdtemp(q->folder) == NULL)
		die(q->folder);
	make_bios(q);
	make_file(q, "ram", NULL, 0, GUEST_RAM);
	make_file(q, "disk", NULL, 0, DISK_SECTORS * 512);
	snprintf(path, sizeof(path), "%s/qtest", q->folder);
	p.fd = listen_at(path);
	q->qemu = fork();
	if (q->qemu == 0)
		run_qemu(q, path);
	if (poll(&p, 1, START_MS * (int)runner_deadline_scale()) <= 0)
		die("QEMU does not start");
	q->socket = accept4(p.fd, NULL, NULL, SOCK_CLOEXEC);
	close(p.fd);
	snprintf(path, sizeof(path), "%s/ram", q->folder);
	fd = open(path, O_RDWR | O_CLOEXEC);
	q->memory = mmap(
	    NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (q->socket < 0 || q->memory == MAP_FAILED)
		die(path);
	close(fd);
	(void)qtest_ask(q, "irq_intercept_in ioapic");
	q->pci.access = (struct pci_access){config_in, config_out, q};
	(void)!pci_scan(&q->pci);
}

void
qtest_close(struct qtest *q)
{
	static const char *const names[] = {
	    "bios", "ram", "disk", "qtest", "line", "qmp"};
	char path[128];

	/* SIGTERM where it has a trace to write. */
	kill(q->qemu, getenv("QEMU_TRACE") != NULL ? SIGTERM : SIGKILL);
	waitpid(q->qemu, NULL, 0);
	close(q->socket);
	if (q->line_socket > 0)
		close(q->line_socket);
	munmap(q->memory, GUEST_RAM);
	for (unsigned i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/%s", q->folder, names[i]);
		unlink(path);
	}
	rmdir(q->folder);
}

int
qtest_connect(struct qtest *q, const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", q->folder, name);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die(a.sun_path);
	return fd;
}

struct pci_function *
qtest_function(struct qtest *q, uint16_t vendor, uint16_t device_id)
{
	for (unsigned i = 0; i < q->pci.count; i++) {
		struct pci_function *f = &q->pci.function[i];

		if (f->vendor != vendor || f->device != device_id)
			continue;
		pci_enable(&q->pci, f, true, true);
		return f;
	}
	return NULL;
}
