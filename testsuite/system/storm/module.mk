# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,hog,testsuite/system/storm/hog.c))
$(eval $(call system-test,storm,testsuite/system/storm/main.c \
	userland/push/frame.c,\
	$(BUILD)/tools/push $(BUILD)/package/edu.dtbo \
	$(BUILD)/domain/hello.elf $(BUILD)/domain/hog.elf \
	$(BUILD)/domain/spin.elf))
