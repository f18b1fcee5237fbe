/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * push: sends a driver package or a program over a running system's second
 * serial line, which QEMU shows as a socket.
 *
 *	push SOCKET driver|program NAME FILE
 *
 * Each frame (userland/push/frame.h) is answered before the next is sent, and
 * sent again when no answer comes.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel/abi/status.h"
#include "testsuite/setup/patience.h"
#include "userland/push/frame.h"

enum {
	FILE_MOST = 1 << 20,
	TRIES = 5,
	ANSWER_MS = 3000,
	RESULT_MS = 30000, /* For the answer to the last frame. */
	CHUNK = FRAME_PAYLOAD - 4,
};

struct push {
	int                 fd;
	uint8_t             number;
	struct frame_reader reader;
	struct frame        answer;
};

static _Noreturn void
fail(const char *what, const char *why)
{
	fprintf(stderr, "push: %s: %s\n", what, why);
	exit(1);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		fail(path, "the name is too long");
	strcpy(address.sun_path, path);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail(path,
		    errno == ENOENT || errno == ECONNREFUSED
			? "no system runs ('make run')"
			: strerror(errno));
	return fd;
}

static uint8_t *
read_file(const char *name, size_t *bytes)
{
	uint8_t *at = malloc(FILE_MOST);
	FILE    *f = fopen(name, "rb");

	if (f == NULL || at == NULL)
		fail(name, strerror(errno));
	*bytes = fread(at, 1, FILE_MOST, f);
	if (*bytes == 0 || *bytes == FILE_MOST)
		fail(name, "it is empty, or longer than 1 MiB");
	fclose(f);
	return at;
}

/* Waits for the answer to the last frame; false: none came. */
static bool
answered(struct push *p, int ms)
{
	struct pollfd poll_fd = {.fd = p->fd, .events = POLLIN};
	uint8_t       byte;

	while (poll(&poll_fd, 1, patience(ms)) > 0) {
		if (read(p->fd, &byte, 1) != 1)
			fail("the line", "it was closed");
		if (frame_read(&p->reader, byte, &p->answer) &&
		    p->answer.type == FRAME_ANSWER && p->answer.length >= 4 &&
		    p->answer.number == p->number)
			return true;
	}
	return false;
}

/*
 * Who was stopped within a frame has left its receiver waiting for the rest:
 * this is as much as that can be, and begins no frame.
 */
static void
end_frame(const struct push *p)
{
	static const uint8_t nothing[FRAME_MOST];

	if (write(p->fd, nothing, sizeof(nothing)) != sizeof(nothing))
		fail("the line", strerror(errno));
}

/* Sends a frame until it is answered; the status of the answer. */
static uint32_t
send_frame(struct push *p, struct frame *f, int ms)
{
	uint8_t  bytes[FRAME_MOST];
	uint32_t status;
	size_t   n;

	f->number = ++p->number;
	n = frame_write(f, bytes);
	for (unsigned i = 0; i < TRIES; i++) {
		if (write(p->fd, bytes, n) != (ssize_t)n)
			fail("the line", strerror(errno));
		if (!answered(p, ms))
			continue;
		memcpy(&status, p->answer.payload, 4);
		return status;
	}
	fail("the line", "the system does not answer on it");
}

static void
refused(uint32_t status, const char *when)
{
	const char *why = status == RC_UNSUPPORTED
	    ? "nothing in the system takes this kind"
	    : status == RC_LIMIT ? "it is too long, or the volume is full"
	    : status == RC_STATE ? "the system lost track; send it again"
				 : "the system cannot take it";

	fprintf(
	    stderr, "push: refused %s: %s (status %u)\n", when, why, status);
	exit(1);
}

static uint32_t
send_all(struct push *p, enum frame_kind kind, const char *name,
    const uint8_t *at, size_t bytes)
{
	struct frame       f = {.type = FRAME_BEGIN};
	struct frame_begin b = {
	    .version = FRAME_VERSION,
	    .bytes = (uint32_t)bytes,
	    .crc = frame_crc(0, at, bytes),
	    .kind = kind,
	};
	uint32_t status;

	snprintf(b.name, sizeof(b.name), "%s", name);
	f.length = sizeof(b);
	memcpy(f.payload, &b, sizeof(b));
	status = send_frame(p, &f, ANSWER_MS);
	if (status != 0)
		refused(status, "at the beginning");
	f.type = FRAME_DATA;
	for (uint32_t done = 0; done < bytes;) {
		size_t n = bytes - done < CHUNK ? bytes - done : CHUNK;

		memcpy(f.payload, &done, 4);
		memcpy(f.payload + 4, at + done, n);
		f.length = (uint16_t)(4 + n);
		status = send_frame(p, &f, ANSWER_MS);
		if (status != 0)
			refused(status, "in the middle");
		done += (uint32_t)n;
	}
	f.type = FRAME_END;
	f.length = 0;
	return send_frame(p, &f, RESULT_MS);
}

int
main(int argc, char **argv)
{
	struct push     p = {0};
	enum frame_kind kind = FRAME_DRIVER;
	size_t          bytes;
	uint8_t        *at;
	uint32_t        status;

	if (argc != 5 ||
	    (strcmp(argv[2], "driver") != 0 &&
		strcmp(argv[2], "program") != 0)) {
		fprintf(
		    stderr, "usage: push SOCKET driver|program NAME FILE\n");
		return 2;
	}
	if (strcmp(argv[2], "program") == 0)
		kind = FRAME_PROGRAM;
	at = read_file(argv[4], &bytes);
	p.fd = connect_to(argv[1]);
	/* Numbers of an earlier push must not be taken for ours. */
	p.number = (uint8_t)getpid();
	end_frame(&p);
	status = send_all(&p, kind, argv[3], at, bytes);
	free(at);
	fprintf(status == 0 ? stdout : stderr, "%.*s\n",
	    (int)p.answer.length - 4, (const char *)p.answer.payload + 4);
	return status == 0 ? 0 : 1;
}
