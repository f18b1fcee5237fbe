# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-program,lib,testsuite/system/lib/test/test.c))
$(eval $(call suite,system-lib,$(BUILD)/system/lib $(BUILD)/system/echo.img,\
	$(system-env) ECHO_IMAGE=$(BUILD)/system/echo.img \
	$(BUILD)/system/lib))

object-files += $(call objs,host,testsuite/system/lib/test/echo.S)
$(BUILD)/system/echo.img: $(call objs,host,testsuite/system/lib/test/echo.S)
	@mkdir -p $(@D)
	@ld -Ttext 0x7c00 --oformat binary -o $@ $<
	@truncate -s 1M $@
