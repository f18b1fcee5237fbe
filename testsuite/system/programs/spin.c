/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that runs away. */
#include "userland/rt/log.h"

int
main(void)
{
	log_printf("spin begins\n");
	for (;;)
		__asm__ volatile("");
}
