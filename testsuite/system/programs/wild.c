/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that writes where it has no memory. */
#include "userland/rt/log.h"

int
main(void)
{
	volatile int *nowhere = (volatile int *)0x1234000;

	log_printf("wild begins\n");
	*nowhere = 1;
	return 0;
}
