# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests of testsuite/guest, on several machines. They need no
# volume but their own.

$(eval $(call system-program,guest,testsuite/system/guest/guest.c))
$(eval $(call suite,system-guest,$(BUILD)/system/guest $(guest-images),\
	$(system-env) $(BUILD)/system/guest))
