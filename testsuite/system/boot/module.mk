# SPDX-License-Identifier: BSD-2-Clause
# System tests of the bootstrap, with a small kernel of their own.

boot-testkernel := $(BUILD)/boot/testkernel.elf
boot-testkernel-objs := $(call objs,testkernel,\
	$(addprefix testsuite/system/boot/testkernel/,start.S main.c))
object-files += $(boot-testkernel-objs)
$(eval $(call compile-rules,testkernel,kernel))

boot-testkernel-ld := testsuite/system/boot/testkernel/kernel.ld
$(boot-testkernel): $(boot-testkernel-objs) $(boot-testkernel-ld)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)ld -z noexecstack -z max-page-size=4096 --no-warn-rwx-segments \
	    -T $(boot-testkernel-ld) -o $@ $(boot-testkernel-objs)

$(eval $(call host-tool,mkrange,testsuite/system/boot/mkrange.c \
	boot/bios/crc32c.c))

object-files += $(call objs,bios,testsuite/system/boot/foreign.S)
$(BUILD)/boot/foreign.bin: $(call objs,bios,testsuite/system/boot/foreign.S)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(link-bios) -Ttext=0x0600 --oformat binary -o $@ $<

boot-test-deps := $(addprefix $(BUILD)/,system/bootstrap tools/install \
	tools/mkrange boot/foreign.bin boot/testkernel.elf)
$(eval $(call system-program,bootstrap,$(addprefix testsuite/system/boot/,\
	choice.c disk.c failure.c main.c normal.c)))
$(eval $(call suite,system-bootstrap,$(boot-test-deps),\
	$(system-env) $(BUILD)/system/bootstrap))
