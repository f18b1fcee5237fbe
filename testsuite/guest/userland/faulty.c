/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults twice, and says so when it was started a third time. */
#include "userland/rt/log.h"

static volatile unsigned starts;

int main(void);

int
main(void)
{
	starts = starts + 1;
	if (starts < 3)
		__builtin_trap();
	/* S7: whoever dies is started again, with its memory as it is. */
	log_printf("%s services: a domain that faults is started again, %u\n",
	    starts == 3 ? "ok" : "FAILED", starts);
	return 0;
}
