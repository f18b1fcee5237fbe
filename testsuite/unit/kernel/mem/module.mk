# SPDX-License-Identifier: BSD-2-Clause
mem-test  := testsuite/unit/kernel/mem
mem-help  := $(addprefix $(mem-test)/,support.c store.c)
mem-tests := $(addprefix $(mem-test)/,main.c frame_test.c map_test.c \
	flush_test.c epoch_test.c model_test.c pager_test.c intake_test.c \
	failure_test.c cache_test.c hit_test.c many_test.c vain_test.c)
mem-methods := $(addprefix kernel/method/,cache.c window.c pager.c)

# Failures are put in at these.
mem-wrap := -Wl,--wrap=frame_alloc -Wl,--wrap=frame_alloc_raw
mem-cflags := -DDEBUG_BUILD=1
$(eval $(call unit-test,mem,$(mem-tests) $(mem-help) $(mem-srcs) \
	$(mem-methods) \
	$(fake-srcs) $(fake-wait),\
	$(mem-wrap)))

# F10's bug, seeded: the stamp never rises.
mem-seeded := $(BUILD)/gen/$(mem-test)/flush.c
$(mem-seeded): kernel/mem/flush.c
	@mkdir -p $(@D)
	@sed 's/mem\.stamp++;/;/' $< >$@
	@! cmp -s $< $@
$(eval $(call unit-test,mem-seeded,$(mem-test)/seeded_main.c \
	$(mem-test)/flush_test.c $(mem-help) $(mem-seeded) \
	$(filter-out kernel/mem/flush.c,$(mem-srcs)) $(fake-srcs) \
	$(fake-wait)))
