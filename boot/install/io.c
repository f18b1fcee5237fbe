/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/install/install.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
install_fail(struct install_error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

bool
install_read(
    int fd, uint64_t at, void *to, size_t bytes, struct install_error *error)
{
	char   *p = to;
	ssize_t n;

	while (bytes > 0) {
		n = pread(fd, p, bytes, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return install_fail(
			    error, "cannot read: %s", strerror(errno));
		if (n == 0)
			return install_fail(error,
			    "the disk ends at byte %llu, before the volume",
			    (unsigned long long)at);
		p += n;
		at += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return true;
}

bool
install_write(int fd, uint64_t at, const void *from, size_t bytes,
    struct install_error *error)
{
	const char *p = from;
	ssize_t     n;

	while (bytes > 0) {
		n = pwrite(fd, p, bytes, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return install_fail(
			    error, "cannot write: %s", strerror(errno));
		p += n;
		at += (uint64_t)n;
		bytes -= (size_t)n;
	}
	return true;
}

bool
install_flush(int fd, struct install_error *error)
{
	if (fsync(fd) != 0)
		return install_fail(error, "cannot flush: %s", strerror(errno));
	return true;
}
