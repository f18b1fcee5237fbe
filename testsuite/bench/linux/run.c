/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boots Linux with init.c as its first program, on the same machine and disk
 * as ../disk/run.c, and prints the same figures; on standard error, which Linux
 * it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/bench/disk/spans.h"
#include "testsuite/system/lib/vm.h"

enum { SECONDS = 120 };

int
main(void)
{
	const char       *build = getenv("ANTEROS_BUILD");
	static char       path[300], plugin[700], drive[400];
	static char       kernel[300], initrd[300];
	const char *const args[] = {"-plugin", plugin, "-kernel", kernel,
	    "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1",
	    "-drive", drive, "-device", "virtio-blk-pci,drive=d0", NULL};
	struct vm        *vm;
	bool              good;

	snprintf(path, sizeof(path), "%s/bench/disk-linux.txt", build);
	snprintf(
	    plugin, sizeof(plugin), "%s/plugin/insn.so,out=%s", build, path);
	snprintf(kernel, sizeof(kernel), "%s/linux/vmlinuz", build);
	snprintf(initrd, sizeof(initrd), "%s/bench/linux.cpio", build);
	snprintf(drive, sizeof(drive),
	    "file=%s/bench/disk.img,format=raw,if=none,id=d0,snapshot=on",
	    build);
	vm = vm_start(&(struct vm_config){.no_reboot = true, .args = args});
	if (vm == NULL)
		return 1;
	good = vm_expect_re(vm, "bench-linux: (Linux .*|failed: .*)\n", SECONDS);
	if (good) {
		fprintf(stderr, "%s\n", vm_match(vm, 1));
		good = vm_expect(vm, "bench-linux: end", SECONDS) &&
		    vm_wait_end(vm, SECONDS, NULL) &&
		    spans_print(path, "virtio");
	}
	vm_free(vm);
	return good ? 0 : 1;
}
