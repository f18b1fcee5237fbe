# SPDX-License-Identifier: BSD-2-Clause
# S11 on a machine: testsuite/guest/store_death.

$(eval $(call system-program,store-death,\
	testsuite/system/store-death/store-death.c))
$(eval $(call suite,system-store-death,\
	$(BUILD)/system/store-death $(BUILD)/store-death/debug.img,\
	$(system-env) $(BUILD)/system/store-death))
