/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest domain: one line in the log. */
#include "userland/rt/log.h"

int
main(void)
{
	log_printf("hello from a domain\n");
	return 0;
}
