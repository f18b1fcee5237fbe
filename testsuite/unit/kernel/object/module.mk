# SPDX-License-Identifier: BSD-2-Clause
# The kernel but for kernel/arch and kernel/core, on the fake machine; some of
# what it needs fails where a test says so.
object-test  := testsuite/unit/kernel/object
object-under := $(wildcard kernel/object/*.c kernel/sched/*.c \
	kernel/method/*.c) $(addprefix kernel/entry/,fast.c fault.c invoke.c keep.c \
	kernel.c) \
	kernel/core/format.c kernel/core/calendar.c
fail-wraps := $(addprefix -Xlinker --wrap=,map_page map_page_next cap_resolve_slow \
	object_fetch object_prepare_write frame_alloc frame_alloc_raw activity_alloc)
object-cflags := -DDEBUG_BUILD=1
$(eval $(call unit-test,object,$(wildcard $(object-test)/*.c) \
	$(object-under) $(gen-dispatch) $(mem-srcs) $(device-srcs) \
	$(fake-srcs),\
	$(fail-wraps)))
