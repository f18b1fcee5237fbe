# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,volume,$(wildcard testsuite/system/volume/*.c) \
	$(volume-reader-srcs),$(BUILD)/tools/mkvolume))
