/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots the client and prints `name<TAB>instructions` for each 4 KiB. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/vm.h"

enum { READS = 64, PAGES = 32, SECONDS = 60 };

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool
figure(FILE *f, const char *name, unsigned per)
{
	uint64_t value[READS], ns;
	unsigned n = 0;
	char     kind[16];

	while (n < READS &&
	    fscanf(f, "%15s %" SCNu64 " %" SCNu64, kind, &value[n], &ns) == 3)
		n += strcmp(kind, "span") == 0;
	if (n < READS) {
		fprintf(stderr, "%s: %u spans, not %u\n", name, n, READS);
		return false;
	}
	qsort(value, READS, sizeof(value[0]), compare);
	printf("%s\t%" PRIu64 "\n", name, value[READS / 2] / per);
	return true;
}

int
main(int argc, char **argv)
{
	const char       *build = getenv("ANTEROS_BUILD");
	const char       *disk = argc > 1 ? argv[1] : "virtio";
	static char       path[300], plugin[700], image[300], name[64];
	const char *const args[] = {"-plugin", plugin, NULL};
	struct vm        *vm;
	FILE             *f;
	bool              good;

	snprintf(path, sizeof(path), "%s/bench/disk-%s.txt", build, disk);
	snprintf(
	    plugin, sizeof(plugin), "%s/plugin/insn.so,out=%s", build, path);
	snprintf(image, sizeof(image), "%s/bench/disk.img", build);
	vm = vm_start(&(struct vm_config){
	    .image = image, .disk = disk, .snapshot = true, .args = args});
	if (vm == NULL)
		return 1;
	good = vm_expect(vm, "bench-disk: end", SECONDS) && vm_quit(vm);
	f = fopen(path, "r");
	snprintf(name, sizeof(name), "%s_read_128k", disk);
	good = good && f != NULL && figure(f, name, PAGES);
	snprintf(name, sizeof(name), "%s_read_4k", disk);
	good = good && figure(f, name, 1);
	if (f != NULL)
		fclose(f);
	vm_free(vm);
	return good ? 0 : 1;
}
