# SPDX-License-Identifier: BSD-2-Clause
# S3 over a power cut: testsuite/guest/outside.

$(eval $(call system-program,outside,testsuite/system/outside/outside.c))
$(eval $(call suite,system-outside,\
	$(BUILD)/system/outside $(BUILD)/outside/debug.img,\
	$(system-env) $(BUILD)/system/outside))
