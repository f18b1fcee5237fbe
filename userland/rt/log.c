/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernel/abi/log.stub.h"
#include "userland/rt/registers.h"

void
log_printf(const char *format, ...)
{
	char    line[LOG_LINE_BYTES];
	va_list list;
	int     n;

	va_start(list, format);
	n = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (n <= 0)
		return;
	if ((size_t)n >= sizeof(line) - 1)
		n = sizeof(line) - 2;
	if (line[n - 1] != '\n')
		line[n++] = '\n';
	ignore_status(log_write(REG_LOG, line, (size_t)n));
}
