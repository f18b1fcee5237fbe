# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,disks,testsuite/system/disks/main.c,\
	$(BUILD)/tools/check-volume))
