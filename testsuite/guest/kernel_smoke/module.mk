# SPDX-License-Identifier: BSD-2-Clause
# A kernel that consists of kernel/arch and kernel/core only, and its test.
smoke-dir  := testsuite/guest/kernel_smoke
smoke-srcs := $(filter kernel/arch/% kernel/core/%,$(kernel-srcs)) \
	$(smoke-dir)/main.c $(smoke-dir)/user.S
smoke-objs := $(call objs,kernel-debug,$(smoke-srcs))
smoke-elf  := $(BUILD)/guest/kernel_smoke.elf
object-files += $(smoke-objs)

$(smoke-elf): $(smoke-objs) kernel/arch/x86_64/kernel.ld
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -nostdlib -static -no-pie -mcmodel=kernel \
	    -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--build-id=none \
	    -Wl,--no-warn-rwx-segments -Wl,-T,kernel/arch/x86_64/kernel.ld \
	    -o $@ $(smoke-objs) $(libgcc)

$(eval $(call suite,guest-kernel-smoke,$(smoke-elf) $(BUILD)/tools/install \
	$(BUILD)/tools/mkrange,$(smoke-dir)/run.sh $(BUILD)))
