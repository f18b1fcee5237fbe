# SPDX-License-Identifier: BSD-2-Clause
# The store itself, with its seeded bugs compiled in and off.
store-sim-srcs := $(wildcard testsuite/fault/store/*.c) $(store-srcs) \
	persist/tools/reader.c persist/tools/audit.c
store-sim-objs := $(call objs,store-sim,$(store-sim-srcs))
object-files += $(store-sim-objs)
$(eval $(call compile-rules,store-sim,host,-DSTORE_MUTATIONS))
$(BUILD)/fault/store-sim: $(store-sim-objs)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -o $@ $^

$(eval $(call suite,store-sim,$(BUILD)/fault/store-sim,\
	$(BUILD)/fault/store-sim -t 25))
$(eval $(call soak-suite,store-sim-soak,$(BUILD)/fault/store-sim,\
	$(BUILD)/fault/store-sim -t 3600 -s $$(date +%s)))
