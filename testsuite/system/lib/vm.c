/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting, watching and ending QEMU; see vm.h. */
#include "testsuite/system/lib/vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/internal.h"

enum {
	TRANSCRIPT_SHOWN = 4000, /* characters, when a wait fails */
	QMP_SECONDS = 30,        /* for QEMU to answer its monitor */
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

long long
vm_deadline(unsigned seconds)
{
	return now_ms() + 1000LL * seconds * runner_deadline_scale();
}

static struct vm *machines; /* all that are not yet freed */

/* What a test that was cut short has left behind. */
static void
free_leftovers(void)
{
	struct vm *vm, *next;

	for (vm = machines; vm != NULL; vm = next) {
		next = vm->next;
		if (vm->shared)
			continue;
		vm_keep(vm);
		fprintf(stderr, "vm: left over, logs: %s\n", vm->dir);
		vm_free(vm);
	}
}

/* ----------------------------------------------------------- directory */

/* Below the build directory if there is one: a failure's logs stay there. */
static bool
make_dir(struct vm *vm)
{
	const char *build = getenv("ANTEROS_BUILD");
	char        parent[100] = "/tmp";

	if (build != NULL) {
		snprintf(parent, sizeof(parent), "%s/vm", build);
		mkdir(parent, 0777);
	}
	snprintf(vm->dir, sizeof(vm->dir), "%s/vm-XXXXXX", parent);
	return mkdtemp(vm->dir) != NULL;
}

static void
remove_dir(const char *path)
{
	DIR           *dir = opendir(path);
	struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), e->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

/* --------------------------------------------------------------- start */

/* In the child: becomes QEMU, or ends. */
_Noreturn static void
become_qemu(struct vm *vm, const struct vm_config *config, const int *fds)
{
	char **args = vm_arguments(config, vm->dir, fds, fds[VM_SERIALS]);
	char   log[160];
	int    fd;

	/* QEMU dies with the test, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i <= VM_SERIALS; i++)
		fcntl(fds[i], F_SETFD, 0);
	snprintf(log, sizeof(log), "%s/qemu.log", vm->dir);
	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	for (size_t i = 0; args[i] != NULL; i++)
		dprintf(fd, "%s%s", args[i], args[i + 1] != NULL ? " " : "\n");
	dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	execvp(args[0], args);
	dprintf(fd, "cannot start %s: %s\n", args[0], strerror(errno));
	_exit(127);
}

struct vm *
vm_start(const struct vm_config *config)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	int        theirs[VM_SERIALS + 1], pair[2], ours[VM_SERIALS + 1];

	if (vm == NULL || !make_dir(vm)) {
		fprintf(stderr, "vm: cannot make %s: %s\n",
		    vm != NULL ? vm->dir : "", strerror(errno));
		free(vm);
		return NULL;
	}
	for (int i = 0; i <= VM_SERIALS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			abort();
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	fflush(NULL);
	vm->pid = fork();
	if (vm->pid == 0)
		become_qemu(vm, config, theirs);
	for (int i = 0; i <= VM_SERIALS; i++)
		close(theirs[i]);
	for (int i = 0; i < VM_SERIALS; i++) {
		vm->serial[i].fd = ours[i];
		vm->serial[i].size = 65536;
		vm->serial[i].text = calloc(1, vm->serial[i].size);
		if (vm->serial[i].text == NULL)
			abort();
	}
	qmp_open(&vm->qmp, ours[VM_SERIALS]);
	vm->shared = config->shared;
	vm->next = machines;
	machines = vm;
	runner_after_each(free_leftovers);
	if (vm->pid < 0 || !vm_do(vm, "qmp_capabilities", NULL)) {
		vm_complain(vm, 0, "QEMU did not start", "see qemu.log");
		vm_free(vm);
		return NULL;
	}
	return vm;
}

/* ---------------------------------------------------------------- pump */

static void
serial_take(struct serial *s)
{
	char    buffer[4096];
	ssize_t n;

	while ((n = recv(s->fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		if (s->used + (size_t)n + 1 > s->size) {
			s->size = s->size * 2 + (size_t)n;
			s->text = realloc(s->text, s->size);
			if (s->text == NULL)
				abort();
		}
		for (ssize_t i = 0; i < n; i++) {
			if (buffer[i] == '\r')
				continue;
			/* A NUL would end the string that waits search. */
			s->text[s->used++] = buffer[i] != '\0' ? buffer[i]
							       : '?';
		}
		s->text[s->used] = '\0';
	}
	if (n == 0) {
		close(s->fd);
		s->fd = -1;
	}
}

bool
vm_pump(struct vm *vm, long long deadline)
{
	struct pollfd fds[VM_SERIALS + 1];
	long long     left = deadline - now_ms();
	bool          open = !vm->closed;

	for (int i = 0; i < VM_SERIALS; i++) {
		fds[i] = (struct pollfd){vm->serial[i].fd, POLLIN, 0};
		open |= vm->serial[i].fd >= 0;
	}
	fds[VM_SERIALS] = (struct pollfd){
	    vm->closed ? -1 : vm->qmp.fd, POLLIN, 0};
	if (left <= 0 || !open)
		return false;
	if (poll(fds, VM_SERIALS + 1, (int)left) < 0)
		return errno == EINTR;
	for (int i = 0; i < VM_SERIALS; i++)
		if (fds[i].revents != 0)
			serial_take(&vm->serial[i]);
	if (fds[VM_SERIALS].revents != 0 && !qmp_take(&vm->qmp))
		vm->closed = true;
	return true;
}

bool
vm_wait_moment(struct vm *vm)
{
	enum { MOMENT_MS = 20 };
	long long end = now_ms() + MOMENT_MS;

	while (vm_pump(vm, end))
		;
	return !vm->closed;
}

bool
vm_look_again(struct vm *vm, long long deadline)
{
	return vm_wait_moment(vm) && now_ms() < deadline;
}

void
vm_complain(struct vm *vm, unsigned port, const char *what, const char *detail)
{
	const struct serial *s = &vm->serial[port];
	size_t               from = 0;

	vm->failed = true;
	if (s->used > TRANSCRIPT_SHOWN)
		from = s->used - TRANSCRIPT_SHOWN;
	fprintf(stderr,
	    "vm: %s: %s\n"
	    "--- the end of serial port %u%s\n%s\n"
	    "--- logs: %s\n",
	    what, detail, port, vm->closed ? " (QEMU has ended)" : "",
	    s->text != NULL ? s->text + from : "", vm->dir);
}

/* ----------------------------------------------------------------- QMP */

json_t *
vm_qmp_raw(struct vm *vm, const char *command, json_t *args)
{
	long long deadline = vm_deadline(QMP_SECONDS);
	json_t   *reply;

	if (!qmp_put(&vm->qmp, command, args)) {
		vm_complain(vm, 0, "QEMU does not listen", command);
		return NULL;
	}
	while ((reply = qmp_reply(&vm->qmp)) == NULL) {
		if (vm->closed || !vm_pump(vm, deadline)) {
			vm_complain(vm, 0, "QEMU did not answer", command);
			return NULL;
		}
	}
	return reply;
}

json_t *
vm_qmp(struct vm *vm, const char *command, json_t *args)
{
	json_t *reply = vm_qmp_raw(vm, command, args);
	json_t *value = json_object_get(reply, "return");
	json_t *error = json_object_get(reply, "error");

	if (error != NULL)
		vm_complain(vm, 0, command,
		    json_string_value(json_object_get(error, "desc")));
	json_incref(value);
	json_decref(reply);
	return value;
}

bool
vm_do(struct vm *vm, const char *command, json_t *args)
{
	json_t *value = vm_qmp(vm, command, args);

	json_decref(value);
	return value != NULL;
}

json_t *
vm_event(struct vm *vm, const char *name, unsigned seconds)
{
	long long deadline = vm_deadline(seconds);
	json_t   *event;

	while ((event = qmp_event(&vm->qmp, name)) == NULL) {
		if (vm->closed || !vm_pump(vm, deadline)) {
			vm_complain(vm, 0, "no such event came", name);
			return NULL;
		}
	}
	return event;
}

char *
vm_hmp(struct vm *vm, const char *line)
{
	json_t *value = vm_qmp(vm, "human-monitor-command",
	    json_pack("{s:s}", "command-line", line));
	char   *text = NULL;

	if (json_is_string(value))
		text = strdup(json_string_value(value));
	json_decref(value);
	return text;
}

/* ----------------------------------------------------------------- end */

static void
vm_reap(struct vm *vm)
{
	while (vm->pid > 0 && waitpid(vm->pid, &vm->status, 0) < 0 &&
	    errno == EINTR)
		;
	vm->pid = 0;
	/* What QEMU said last is still in the sockets. */
	while (vm_pump(vm, vm_deadline(1)))
		;
	vm->closed = true;
}

void
vm_kill9(struct vm *vm)
{
	if (vm->pid > 0)
		kill(vm->pid, SIGKILL);
	vm_reap(vm);
}

bool
vm_wait_end(struct vm *vm, unsigned seconds, int *status)
{
	long long deadline = vm_deadline(seconds);

	while (!vm->closed && vm_pump(vm, deadline))
		;
	if (!vm->closed) {
		vm_complain(vm, 0, "QEMU did not end", "");
		return false;
	}
	vm_reap(vm);
	if (status != NULL)
		*status = vm->status;
	return true;
}

bool
vm_quit(struct vm *vm)
{
	/* QEMU may be gone before its answer: only the end counts. */
	if (vm->pid > 0)
		qmp_put(&vm->qmp, "quit", NULL);
	return vm_wait_end(vm, QMP_SECONDS, NULL) && vm->status == 0;
}

void
vm_free(struct vm *vm)
{
	struct vm **p;

	if (vm == NULL)
		return;
	vm_kill9(vm);
	for (p = &machines; *p != vm; p = &(*p)->next)
		;
	*p = vm->next;
	for (int i = 0; i < VM_SERIALS; i++) {
		if (vm->serial[i].fd >= 0)
			close(vm->serial[i].fd);
		free(vm->serial[i].text);
	}
	for (int i = 0; i < MATCHES; i++)
		free(vm->match[i]);
	free(vm->text_before);
	qmp_close(&vm->qmp);
	if (!vm->failed)
		remove_dir(vm->dir);
	free(vm);
}

pid_t
vm_pid(const struct vm *vm)
{
	return vm->pid;
}

const char *
vm_dir(const struct vm *vm)
{
	return vm->dir;
}

void
vm_keep(struct vm *vm)
{
	vm->failed = true;
}
