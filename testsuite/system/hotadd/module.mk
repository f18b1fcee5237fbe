# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,hotadd,testsuite/system/hotadd/main.c,\
	$(BUILD)/tools/push $(BUILD)/tools/devdb-gen \
	$(BUILD)/package/edu.dtbo $(BUILD)/package/uart.dtbo))
