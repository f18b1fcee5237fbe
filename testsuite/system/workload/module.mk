# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,workload,testsuite/system/workload/main.c,\
	$(BUILD)/tools/check-volume $(BUILD)/tools/mkvolume))
