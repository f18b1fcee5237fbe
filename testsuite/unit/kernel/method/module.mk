# SPDX-License-Identifier: BSD-2-Clause
# The orders of the kernel's capabilities, on what unit-object is made of, but
# for its tests.
method-test   := testsuite/unit/kernel/method
method-shares := object
$(eval $(call unit-test,method,$(wildcard $(method-test)/*.c) \
	$(addprefix testsuite/unit/kernel/object/,fail.c support.c) \
	$(wildcard kernel/object/*.c kernel/sched/*.c kernel/method/*.c) \
	$(addprefix kernel/entry/,fast.c fault.c invoke.c keep.c \
	kernel.c) \
	kernel/core/format.c kernel/core/calendar.c \
	$(gen-dispatch) $(mem-srcs) $(device-srcs) $(fake-srcs),\
	$$(fail-wraps)))
