# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests of testsuite/guest, on several machines, and once more
# behind proxies. They need no volume but their own.

guest-transcript := testsuite/system/guest/transcript.c
$(eval $(call system-program,guest,testsuite/system/guest/guest.c \
	$(guest-transcript)))
$(eval $(call suite,system-guest,$(BUILD)/system/guest $(guest-images),\
	$(system-env) $(BUILD)/system/guest))
$(eval $(call system-program,guest-proxied,testsuite/system/guest/proxied.c \
	$(guest-transcript)))
$(eval $(call suite,system-guest-proxied,$(BUILD)/system/guest-proxied \
	$(BUILD)/guest/proxied.img,\
	$(system-env) $(BUILD)/system/guest-proxied))
