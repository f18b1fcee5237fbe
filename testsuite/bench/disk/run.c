/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots the client and prints `name<TAB>instructions` for each 4 KiB. */
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/bench/disk/spans.h"
#include "testsuite/system/lib/vm.h"

enum { SECONDS = 60 };

/*
 * The client says in the log that it has read all. From when the boot range's
 * shell comes forward, the log is no longer on the serial line: ask for it.
 */
static bool
ended(struct vm *vm)
{
	if (!vm_expect_re(vm, "bench-disk: (end)|(anteros>) ", SECONDS))
		return false;
	while (vm_match(vm, 1)[0] == 0) {
		if (!vm_send(vm, "log\r") ||
		    !vm_expect_re(
			vm, "bench-disk: (end)|(anteros>) ", SECONDS))
			return false;
	}
	return true;
}

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
	good = ended(vm) && vm_quit(vm) &&
	    spans_print(path, disk);
	vm_free(vm);
	return good ? 0 : 1;
}
