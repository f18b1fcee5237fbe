# SPDX-License-Identifier: BSD-2-Clause
mem-srcs := $(addprefix kernel/mem/,age.c build.c clean.c complete.c counts.c \
	depend.c entry.c epoch.c expose.c flush.c frame.c hit.c init.c intake.c \
	lend.c list.c map.c object.c pager.c request.c resolve.c revoke.c rmap.c \
	table.c walk.c window.c check.c)
kernel-srcs += $(mem-srcs)
kernel-cold += $(addprefix kernel/mem/,age.c check.c clean.c complete.c init.c \
	intake.c lend.c pager.c window.c)
