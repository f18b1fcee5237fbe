/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qmp: sends one command to a running QEMU and prints what it returns.
 *
 *	qmp [-e EVENT] SOCKET COMMAND [NAME=VALUE ...]
 *	qmp SOCKET hmp LINE
 *
 * A VALUE that is all digits is a number, true and false are what they say,
 * anything else is a string. -e waits for an event after the command.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "testsuite/setup/patience.h"
#include "testsuite/system/lib/qmp.h"

enum { TIMEOUT_MS = 10000 }; /* between one message and the next */

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		errno = ENAMETOOLONG;
	else {
		strcpy(address.sun_path, path);
		if (fd >= 0 &&
		    connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
			0)
			return fd;
	}
	fprintf(stderr, "qmp: %s: %s\n", path,
	    errno == ENOENT || errno == ECONNREFUSED
		? "no system runs ('make run')"
		: strerror(errno));
	exit(1);
}

/* Waits for an event, or for a reply when `event` is NULL; owned. */
static json_t *
wait_for(struct qmp *q, const char *event)
{
	struct pollfd fd = {.fd = q->fd, .events = POLLIN};
	json_t       *o;

	for (;;) {
		o = event != NULL ? qmp_event(q, event) : qmp_reply(q);
		if (o != NULL)
			return o;
		if (poll(&fd, 1, patience(TIMEOUT_MS)) <= 0 || !qmp_take(q)) {
			fprintf(stderr, "qmp: QEMU does not answer\n");
			exit(1);
		}
	}
}

/* Runs a command; its value, owned. An error ends the program. */
static json_t *
run(struct qmp *q, const char *command, json_t *args)
{
	json_t *reply, *value, *error;

	qmp_put(q, command, args);
	reply = wait_for(q, NULL);
	error = json_object_get(reply, "error");
	if (error != NULL) {
		fprintf(stderr, "qmp: %s: %s\n", command,
		    json_string_value(json_object_get(error, "desc")));
		exit(1);
	}
	value = json_object_get(reply, "return");
	json_incref(value);
	json_decref(reply);
	return value;
}

static json_t *
parse_value(const char *text)
{
	if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0')
		return json_integer(strtoll(text, NULL, 10));
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(text[0] == 't');
	return json_string(text);
}

static json_t *
parse_args(char **words)
{
	json_t *args = NULL;
	char   *value;

	for (; *words != NULL; words++) {
		value = strchr(*words, '=');
		if (value == NULL) {
			fprintf(stderr, "qmp: not NAME=VALUE: %s\n", *words);
			exit(2);
		}
		*value++ = '\0';
		if (args == NULL)
			args = json_object();
		json_object_set_new(args, *words, parse_value(value));
	}
	return args;
}

int
main(int argc, char **argv)
{
	const char *event = NULL;
	struct qmp  q;
	json_t     *value;
	int         option;

	while ((option = getopt(argc, argv, "+e:")) == 'e')
		event = optarg;
	argv += optind;
	if (option != -1 || argc - optind < 2) {
		fprintf(stderr,
		    "usage: qmp [-e EVENT] SOCKET COMMAND "
		    "[NAME=VALUE ...]\n");
		return 2;
	}
	qmp_open(&q, connect_to(argv[0]));
	json_decref(run(&q, "qmp_capabilities", NULL));
	if (strcmp(argv[1], "hmp") == 0 && argv[2] != NULL)
		value = run(&q, "human-monitor-command",
		    json_pack("{s:s}", "command-line", argv[2]));
	else
		value = run(&q, argv[1], parse_args(argv + 2));
	if (json_is_string(value))
		fputs(json_string_value(value), stdout);
	else if (json_object_size(value) > 0 || json_is_array(value)) {
		json_dumpf(value, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(value);
	if (event != NULL)
		json_decref(wait_for(&q, event));
	qmp_close(&q);
	return 0;
}
