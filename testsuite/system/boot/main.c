/* SPDX-License-Identifier: BSD-2-Clause */
/* The bootstrap in QEMU, with the test kernel. */
#include "testsuite/system/boot/disk.h"

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {"normal", disk_init, disk_cleanup, boot_normal_tests},
	    {"choice", disk_init, disk_cleanup, boot_choice_tests},
	    {"failure", disk_init, disk_cleanup, boot_failure_tests},
	    {.name = NULL},
	};

	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
