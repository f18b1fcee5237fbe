/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots the client and prints `name<TAB>instructions` for each 4 KiB. */
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/bench/disk/spans.h"
#include "testsuite/system/lib/vm.h"

enum { SECONDS = 60 };

int
main(int argc, char **argv)
{
	const char       *build = getenv("ANTEROS_BUILD");
	const char       *disk = argc > 1 ? argv[1] : "virtio";
	static char       path[300], plugin[700], image[300];
	const char *const args[] = {"-plugin", plugin, NULL};
	struct vm        *vm;
	bool              good;

	snprintf(path, sizeof(path), "%s/bench/disk-%s.txt", build, disk);
	snprintf(
	    plugin, sizeof(plugin), "%s/plugin/insn.so,out=%s", build, path);
	snprintf(image, sizeof(image), "%s/bench/disk.img", build);
	vm = vm_start(&(struct vm_config){
	    .image = image, .disk = disk, .snapshot = true, .args = args});
	if (vm == NULL)
		return 1;
	good = vm_expect(vm, "bench-disk: end", SECONDS) && vm_quit(vm) &&
	    spans_print(path, disk);
	vm_free(vm);
	return good ? 0 : 1;
}
