/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that runs on Linux: reads a raw virtio disk as ../disk/client.c does, one
 * request at a time, and marks each read for ../plugin.
 *
 * With O_DIRECT the page cache has no part in it. The pages are aligned and
 * touched before, so that no fault of ours falls into a span.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* As ../disk/client.c has them. */
enum {
	WARM = 16,
	READS = 64,
	PAGE = 4096,
	PAGES = 32,
	FIRST = 2048 * 512,
};

static _Alignas(PAGE) unsigned char buffer[PAGES * PAGE];

static _Noreturn void
end(const char *what)
{
	if (what != NULL)
		printf("bench-linux: failed: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void
load(const char *module)
{
	char path[64];
	int  fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", module);
	fd = open(path, O_RDONLY);
	/* One that the kernel has built in is not there. */
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0)
		end(module);
	close(fd);
}

/* The markers are listed in ../plugin/insn.c. */
static ssize_t
marked_read(int fd, size_t bytes, off_t at)
{
	ssize_t n;

	__asm__ volatile("xchg %%r11, %%r11" ::: "memory");
	n = pread(fd, buffer, bytes, at);
	__asm__ volatile("xchg %%r13, %%r13" ::: "memory");
	return n;
}

static void
read_all(int fd, size_t pages)
{
	size_t bytes = pages * PAGE;

	for (unsigned i = 0; i < WARM + READS; i++) {
		off_t   at = (off_t)(FIRST + i % 64 * bytes);
		ssize_t n;

		n = i < WARM ? pread(fd, buffer, bytes, at)
			     : marked_read(fd, bytes, at);
		if (n != (ssize_t)bytes)
			end("read");
	}
}

int
main(void)
{
	static const char *const modules[] = {"virtio_ring", "virtio",
	    "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci",
	    "virtio_blk"};
	struct utsname           name;
	int                      fd;

	/* There are no nodes in the archive: the kernel has opened no console. */
	if (mount("dev", "/dev", "devtmpfs", 0, NULL) != 0 ||
	    freopen("/dev/ttyS0", "w", stdout) == NULL)
		end("/dev");
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		load(modules[i]);
	memset(buffer, 1, sizeof(buffer));
	fd = open("/dev/vda", O_RDONLY | O_DIRECT);
	if (fd < 0)
		end("/dev/vda");
	if (uname(&name) != 0)
		end("uname");
	read_all(fd, PAGES);
	read_all(fd, 1);
	printf("bench-linux: Linux %s, %s\n", name.release, name.version);
	printf("bench-linux: end\n");
	end(NULL);
}
