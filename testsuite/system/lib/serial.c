/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for text on a serial line, and typing; see vm.h. */
#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "testsuite/system/lib/internal.h"

static void
keep_match(struct vm *vm, unsigned n, const char *start, size_t length)
{
	free(vm->match[n]);
	vm->match[n] = strndup(start, length);
}

/* Moves the port past a match that ends `end` after what was consumed. */
static void
consume(struct vm *vm, struct serial *s, size_t start, size_t end)
{
	free(vm->text_before);
	vm->text_before = strndup(s->text + s->consumed, start);
	s->consumed += end;
}

static void
forget_matches(struct vm *vm)
{
	for (unsigned i = 0; i < MATCHES; i++) {
		free(vm->match[i]);
		vm->match[i] = NULL;
	}
}

bool
vm_expect_on(struct vm *vm, unsigned port, const char *text, unsigned seconds)
{
	struct serial *s = &vm->serial[port];
	long long      deadline = vm_deadline(seconds);
	const char    *start, *found;

	forget_matches(vm);
	for (;;) {
		start = s->text + s->consumed;
		found = strstr(start, text);
		if (found != NULL)
			break;
		if (!vm_pump(vm, deadline)) {
			vm_unmet(vm, port, "expected", text);
			return false;
		}
	}
	keep_match(vm, 0, found, strlen(text));
	consume(vm, s, (size_t)(found - start),
	    (size_t)(found - start) + strlen(text));
	return true;
}

bool
vm_expect_re_on(
    struct vm *vm, unsigned port, const char *expression, unsigned seconds)
{
	struct serial *s = &vm->serial[port];
	long long      deadline = vm_deadline(seconds);
	regmatch_t     m[MATCHES];
	regex_t        re;
	const char    *start;
	int            flags;

	forget_matches(vm);
	if (regcomp(&re, expression, REG_EXTENDED | REG_NEWLINE) != 0) {
		vm_complain(vm, port, "not a regular expression", expression);
		return false;
	}
	for (;;) {
		start = s->text + s->consumed;
		flags = s->consumed > 0 && start[-1] != '\n' ? REG_NOTBOL : 0;
		if (regexec(&re, start, MATCHES, m, flags) == 0)
			break;
		if (!vm_pump(vm, deadline)) {
			vm_unmet(vm, port, "expected", expression);
			regfree(&re);
			return false;
		}
	}
	regfree(&re);
	for (unsigned i = 0; i < MATCHES; i++)
		if (m[i].rm_so >= 0)
			keep_match(vm, i, start + m[i].rm_so,
			    (size_t)(m[i].rm_eo - m[i].rm_so));
	consume(vm, s, (size_t)m[0].rm_so, (size_t)m[0].rm_eo);
	return true;
}

bool
vm_expect(struct vm *vm, const char *text, unsigned seconds)
{
	return vm_expect_on(vm, 0, text, seconds);
}

bool
vm_expect_re(struct vm *vm, const char *expression, unsigned seconds)
{
	return vm_expect_re_on(vm, 0, expression, seconds);
}

const char *
vm_match(struct vm *vm, unsigned n)
{
	return n < MATCHES && vm->match[n] != NULL ? vm->match[n] : "";
}

const char *
vm_before(struct vm *vm)
{
	return vm->text_before != NULL ? vm->text_before : "";
}

const char *
vm_transcript(struct vm *vm, unsigned port)
{
	return vm->serial[port].text;
}

bool
vm_send_on(struct vm *vm, unsigned port, const void *data, size_t length)
{
	enum { SECONDS = 30 };
	long long   deadline = vm_deadline(SECONDS);
	const char *p = data;
	ssize_t     n;

	while (length > 0) {
		n = send(vm->serial[port].fd, p, length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			p += n;
			length -= (size_t)n;
			continue;
		}
		/* Full: the guest may be stopped until we read its output. */
		if (n == 0 || (errno != EAGAIN && errno != EINTR) ||
		    !vm_pump(vm, deadline)) {
			vm_complain(vm, port, "the guest does not read", "");
			return false;
		}
	}
	return true;
}

bool
vm_send(struct vm *vm, const char *text)
{
	return vm_send_on(vm, 0, text, strlen(text));
}

bool
vm_log_expect(struct vm *vm, const char *text, unsigned seconds)
{
	enum { LIMIT = 1 << 20, PAUSE_MS = 20 };
	long long deadline = vm_deadline(seconds);
	char      path[160];
	char     *log = malloc(LIMIT);
	FILE     *f;
	size_t    used;
	bool      found = false, more = true;

	snprintf(path, sizeof(path), "%s/kernel.log", vm->dir);
	while (log != NULL && !found && more) {
		/* Looked at once more after the deadline or QEMU's end. */
		vm_pump(vm, vm_deadline(0) + PAUSE_MS);
		more = !vm->closed && vm_deadline(0) < deadline;
		f = fopen(path, "r");
		if (f != NULL) {
			/* The log may hold NULs: it is not a string. */
			used = fread(log, 1, LIMIT, f);
			fclose(f);
			found = memmem(log, used, text, strlen(text)) != NULL;
		}
		if (!found && more)
			poll(NULL, 0, PAUSE_MS);
	}
	free(log);
	if (!found)
		vm_unmet(vm, 0, "expected in kernel.log", text);
	return found;
}
