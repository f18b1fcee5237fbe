/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/lib/work.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BLOCK = 4096,
	PARTITION = 1 << 20, /* Byte where the only partition begins. */
	SAID = 8192,
	PATHS = 8,
};

static char directory[200];
static char said[SAID];

static const char *
build(void)
{
	const char *b = getenv("ANTEROS_BUILD");

	return b != NULL ? b : "build";
}

const char *
work_path(const char *name)
{
	static char path[PATHS][300];
	static int  next;

	next = (next + 1) % PATHS;
	snprintf(path[next], sizeof(path[next]), "%s/%s", directory, name);
	return path[next];
}

static int
run(const char *command)
{
	char *whole = NULL;
	int   status;

	if (asprintf(&whole,
		"set -e; W=$(realpath -m %s); B=$(realpath %s); T=$B/tools; %s",
		directory, build(), command) < 0)
		abort();
	status = system(whole);
	free(whole);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int
work_shell(const char *format, ...)
{
	char   *command = NULL;
	va_list ap;
	int     status;

	va_start(ap, format);
	if (vasprintf(&command, format, ap) < 0)
		abort();
	va_end(ap);
	status = run(command);
	if (status != 0)
		fprintf(stderr, "work: status %d: %s\n", status, command);
	free(command);
	return status;
}

int
work_init(void)
{
	snprintf(directory, sizeof(directory), "%s/system/work.%d", build(),
	    (int)getpid());
	return work_shell("mkdir -p $W");
}

int
work_cleanup(void)
{
	return work_shell("rm -r $W");
}

const char *
work_volume(const char *name, unsigned mib)
{
	int status;

	if (mib == 0)
		status = work_shell(
		    "cp --sparse=always $B/anteros.img $W/%s", name);
	else
		status = work_shell("$T/mkvolume --system $B/system.dtb "
				    "--build $B --kernel $B/kernel.elf "
				    "--size %u --out $W/%s",
		    mib, name);
	return status == 0 ? work_path(name) : NULL;
}

/* Problems that a power cut may leave behind and a restart can live with. */
static unsigned
torn_supers(void)
{
	unsigned    n = 0;
	const char *at = said;

	while ((at = strstr(at,
		    "torn by a power cut, or damaged; the other")) != NULL) {
		at++;
		n++;
	}
	return n;
}

bool
work_check(const char *path)
{
	char       *command = NULL;
	const char *count;
	FILE       *f;
	size_t      n;

	if (asprintf(&command, "%s/tools/check-volume %s 2>&1", build(), path) <
	    0)
		abort();
	f = popen(command, "r");
	free(command);
	if (f == NULL)
		return false;
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	if (pclose(f) == 0)
		return true;
	count = strstr(said, " verified, ");
	if (count != NULL && torn_supers() == 1 &&
	    strtoul(count + strlen(" verified, "), NULL, 10) == 1)
		return true;
	fprintf(stderr, "work: check-volume says\n%s", said);
	return false;
}

uint64_t
work_generation(void)
{
	static const char word[] = ": generation ";
	const char       *at = strstr(said, word);

	return at == NULL ? 0 : strtoull(at + strlen(word), NULL, 10);
}

bool
work_damage(const char *path, uint64_t block)
{
	uint8_t bytes[BLOCK];
	off_t   at = PARTITION + (off_t)block * BLOCK;
	int     fd = open(path, O_RDWR | O_CLOEXEC);
	bool    ok;

	if (fd < 0)
		return false;
	ok = pread(fd, bytes, BLOCK, at) == BLOCK;
	for (unsigned i = 0; i < BLOCK; i++)
		bytes[i] = (uint8_t)~bytes[i];
	ok = ok && pwrite(fd, bytes, BLOCK, at) == BLOCK;
	return close(fd) == 0 && ok;
}
