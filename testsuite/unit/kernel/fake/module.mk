# SPDX-License-Identifier: BSD-2-Clause
# The fake machine, for the unit tests of the kernel: add $(fake-srcs), and
# $(fake-wait) where activity.c is not linked.
fake-dir  := testsuite/unit/kernel/fake
fake-srcs := $(addprefix $(fake-dir)/,boot.c core.c hal.c tlb.c)
fake-wait := $(fake-dir)/wait.c $(addprefix kernel/sched/,clock.c reserve.c)
