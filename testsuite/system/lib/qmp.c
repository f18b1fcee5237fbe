/* SPDX-License-Identifier: BSD-2-Clause */
/* The QEMU Machine Protocol; see qmp.h. */
#include "testsuite/system/lib/qmp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
qmp_open(struct qmp *q, int fd)
{
	*q = (struct qmp){.fd = fd};
	q->size = 65536;
	q->line = malloc(q->size);
	q->replies = json_array();
	q->events = json_array();
	if (q->line == NULL || q->replies == NULL || q->events == NULL)
		abort();
}

void
qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	free(q->line);
	q->line = NULL;
	json_decref(q->replies);
	json_decref(q->events);
}

static void
qmp_take_line(struct qmp *q, const char *line, size_t length)
{
	json_error_t error;
	json_t      *o = json_loadb(line, length, 0, &error);

	if (o == NULL)
		fprintf(stderr, "qmp: not JSON: %s\n", error.text);
	else if (json_object_get(o, "event") != NULL)
		json_array_append(q->events, o);
	else if (json_object_get(o, "return") != NULL ||
	    json_object_get(o, "error") != NULL)
		json_array_append(q->replies, o);
	/* What is left is the greeting. */
	json_decref(o);
}

bool
qmp_take(struct qmp *q)
{
	char   *start, *end;
	ssize_t n;

	for (;;) {
		if (q->used == q->size) {
			q->size *= 2;
			q->line = realloc(q->line, q->size);
			if (q->line == NULL)
				abort();
		}
		n = recv(
		    q->fd, q->line + q->used, q->size - q->used, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		q->used += (size_t)n;
		start = q->line;
		for (;;) {
			end = memchr(
			    start, '\n', q->used - (size_t)(start - q->line));
			if (end == NULL)
				break;
			qmp_take_line(q, start, (size_t)(end - start));
			start = end + 1;
		}
		q->used -= (size_t)(start - q->line);
		memmove(q->line, start, q->used);
	}
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool
qmp_put(struct qmp *q, const char *command, json_t *args)
{
	json_t *o = json_object();
	char   *text;
	size_t  length, done = 0;
	ssize_t n;

	json_object_set_new(o, "execute", json_string(command));
	if (args != NULL)
		json_object_set_new(o, "arguments", args);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (text == NULL)
		abort();
	length = strlen(text);
	while (done < length) {
		n = send(q->fd, text + done, length - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	free(text);
	return done == length;
}

json_t *
qmp_reply(struct qmp *q)
{
	json_t *o = json_array_get(q->replies, 0);

	json_incref(o);
	if (o != NULL)
		json_array_remove(q->replies, 0);
	return o;
}

json_t *
qmp_event(struct qmp *q, const char *name)
{
	json_t *o;
	size_t  i;

	json_array_foreach(q->events, i, o)
	{
		if (strcmp(json_string_value(json_object_get(o, "event")),
			name) != 0)
			continue;
		json_incref(o);
		json_array_remove(q->events, i);
		return o;
	}
	return NULL;
}
