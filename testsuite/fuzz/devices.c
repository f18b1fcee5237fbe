/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boots the fuzzer with devices (domain/devices.c), and waits for its end. A
 * panic, a reset, a hang, or a warden that cannot build workers any more is an
 * error of the kernel.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/fuzz/qemu.h"
#include "testsuite/system/lib/vm.h"
#include "testsuite/system/lib/work.h"

enum { MEMORY_MB = 64 }; /* Workers can use it up. */

static bool
make_image(uint64_t seed, uint64_t count)
{
	return work_shell("sed 's/<SEED>/<%lu>/; s/<COUNT>/<%lu>/' "
			  "testsuite/fuzz/devices.dts | "
			  "dtc -q -I dts -O dtb -o $W/devices.dtb - && "
			  "$T/mkvolume --build $B --system $W/devices.dtb "
			  "--range $W/devices.range && rm -f $W/devices.img && "
			  "$T/install create --volume $W/devices.img --size 32 "
			  ">/dev/null && "
			  "$T/install slot --image $W/devices.img "
			  "--kernel $B/kernel-debug.elf "
			  "--range $W/devices.range >/dev/null",
		   seed, count) == 0;
}

uint64_t
fuzz_devices(uint64_t seed, uint64_t count)
{
	struct vm    *vm;
	bool          ended;
	unsigned long n;

	if (!make_image(seed, count))
		return 0;
	vm = vm_start(&(struct vm_config){
	    .image = work_path("devices.img"),
	    .snapshot = true,
	    .no_reboot = true,
	    .memory_mb = MEMORY_MB,
	});
	if (vm == NULL)
		return 0;
	ended = vm_expect_re(vm,
	    "^fuzz: done, ([0-9]+) invocations|panic|fuzz: warden:.*",
	    fuzz_deadline(count));
	n = ended ? strtoul(vm_match(vm, 1), NULL, 10) : 0;
	if (n == 0) {
		fprintf(stderr, "%s", vm_transcript(vm, 0));
		vm_keep(vm);
	}
	vm_free(vm);
	return n;
}
