# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,storm,testsuite/system/storm/main.c userland/push/frame.c,\
	$(BUILD)/tools/push $(BUILD)/package/edu.dtbo $(BUILD)/domain/spin.elf))
