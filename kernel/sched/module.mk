# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/sched/activity.c \
	kernel/sched/clock.c
