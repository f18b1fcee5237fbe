# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,spin,testsuite/system/programs/spin.c))
$(eval $(call domain,talk,testsuite/system/programs/talk.c))
$(eval $(call domain,visits,testsuite/system/programs/visits.c))
$(eval $(call domain,wild,testsuite/system/programs/wild.c))
$(eval $(call system-test,programs,testsuite/system/programs/main.c \
	testsuite/system/programs/chapter.c,\
	$(BUILD)/tools/push $(BUILD)/domain/hello.elf \
	$(BUILD)/domain/spin.elf $(BUILD)/domain/talk.elf \
	$(BUILD)/domain/visits.elf \
	$(BUILD)/domain/wild.elf))
