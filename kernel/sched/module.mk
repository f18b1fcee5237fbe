# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += $(sort $(wildcard kernel/sched/*.c))
kernel-cold += kernel/sched/reserve.c
