/* SPDX-License-Identifier: BSD-2-Clause */
/* What in the bootstrap and the installer needs no machine. */
#include "testsuite/unit/boot/suites.h"

#include <stddef.h>

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "e820", .tests = boot_e820_tests},
	    {.name = "slot", .tests = boot_slot_tests},
	    {.name = "partition", .tests = boot_partition_tests},
	    {.name = "elf", .tests = boot_elf_tests},
	    {.name = "install", .tests = boot_install_tests},
	    {.name = "misc", .tests = boot_misc_tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
