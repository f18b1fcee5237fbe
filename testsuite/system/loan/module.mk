# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,loans,testsuite/system/loan/loans.c))
$(eval $(call system-test,loan,testsuite/system/loan/main.c,\
	$(BUILD)/tools/push $(BUILD)/tools/check-volume \
	$(BUILD)/domain/loans.elf))
