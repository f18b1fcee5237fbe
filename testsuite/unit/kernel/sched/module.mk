# SPDX-License-Identifier: BSD-2-Clause
sched-cflags := -DDEBUG_BUILD=1
$(eval $(call unit-test,sched,$(wildcard testsuite/unit/kernel/sched/*.c) \
	kernel/sched/activity.c kernel/sched/clock.c kernel/sched/reserve.c))
