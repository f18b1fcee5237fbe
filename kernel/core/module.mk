# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += $(addprefix kernel/core/,\
	calendar.c format.c log.c panic.c string.c)
kernel-cold += $(addprefix kernel/core/,calendar.c format.c log.c panic.c)
