# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,forge,testsuite/system/storm/forge.c))
$(eval $(call domain,hog,testsuite/system/storm/hog.c))
$(eval $(call system-test,storm,testsuite/system/storm/main.c \
	userland/push/frame.c,\
	$(BUILD)/tools/push $(BUILD)/package/edu.dtbo \
	$(BUILD)/domain/forge.elf $(BUILD)/domain/hello.elf \
	$(BUILD)/domain/hog.elf $(BUILD)/domain/spin.elf \
	$(BUILD)/domain/wild.elf))
