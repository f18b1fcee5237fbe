# SPDX-License-Identifier: BSD-2-Clause
# pwrite and fsync are wrapped, to fail at the n-th call.
$(eval $(call unit-test,boot,$(wildcard testsuite/unit/boot/*.c) \
	$(boot-install-srcs) $(addprefix boot/bios/,e820.c format.c rsdp.c),\
	-Xlinker --wrap=pwrite -Xlinker --wrap=fsync))
