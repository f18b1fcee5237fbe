# SPDX-License-Identifier: BSD-2-Clause
mem-test := testsuite/unit/kernel/mem
mem-tests := $(addprefix $(mem-test)/,main.c support.c store.c frame_test.c \
	map_test.c flush_test.c epoch_test.c model_test.c pager_test.c intake_test.c)
mem-cflags := -DDEBUG_BUILD=1
$(eval $(call unit-test,mem,$(mem-tests) $(mem-srcs) $(fake-srcs) \
	$(fake-wait)))
