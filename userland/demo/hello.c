/* SPDX-License-Identifier: BSD-2-Clause */
/* Says hello once a second; manual/domain-tutorial.md builds this file. */
#include "userland/rt/log.h"
#include "userland/rt/wait.h"

#define SECOND UINT64_C(1000000000)

int
main(void)
{
	for (unsigned n = 1;; n++) {
		log_printf("hello %u\n", n);
		/* A restart of the machine ends a wait, but not the next. */
		if (!wait_for(SECOND) && !wait_for(SECOND))
			return 1;
	}
}
