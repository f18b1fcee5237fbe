# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call host-tool,qmp,testsuite/setup/qmp.c \
	testsuite/system/lib/qmp.c,-ljansson))

$(eval $(call host-tool,push,testsuite/setup/push.c userland/push/frame.c))

$(eval $(call suite,setup,$(BUILD)/tools/qmp $(BUILD)/system/echo.img,\
	testsuite/setup/selftest.sh $(BUILD) $(BUILD)/system/echo.img))
