# SPDX-License-Identifier: BSD-2-Clause
# Conformance tests of the kernel's interface: a boot range of their own.

guest-cflags := -include testsuite/guest/hook.h
$(eval $(call domain,guest,$(sort $(wildcard testsuite/guest/*.c)) \
	testsuite/guest/bare.S))

$(BUILD)/guest/system.dtb: testsuite/guest/system.dts | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
$(BUILD)/guest/boot.range: $(BUILD)/guest/system.dtb \
    $(BUILD)/domain/guest.elf $(BUILD)/tools/mkvolume
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@

# $(call guest-image,FILE,KERNEL,RANGE): a small bootable volume.
define guest-image
$(1): $(2) $(3) $(BUILD)/tools/install
	$$(call say,IMAGE,$$@)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$(BUILD)/tools/install create --volume $$@ --size 32
	$$(Q)$(BUILD)/tools/install slot --image $$@ --kernel $(2) --range $(3)
endef

# The debug kernel checks itself; the other is the one that users run.
$(eval $(call guest-image,$(BUILD)/guest/debug.img,\
	$(BUILD)/kernel-debug.elf,$(BUILD)/guest/boot.range))
$(eval $(call guest-image,$(BUILD)/guest/release.img,\
	$(BUILD)/kernel.elf,$(BUILD)/guest/boot.range))
guest-images := $(BUILD)/guest/debug.img $(BUILD)/guest/release.img

# The second run: the same range, and one capability more, which says so.
$(BUILD)/guest/proxied.dtb: testsuite/guest/system.dts \
    testsuite/guest/proxied.dts | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -i testsuite/guest -o $@ \
	    testsuite/guest/proxied.dts
$(BUILD)/guest/proxied.range: $(BUILD)/guest/proxied.dtb \
    $(BUILD)/domain/guest.elf $(BUILD)/tools/mkvolume
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@
$(eval $(call guest-image,$(BUILD)/guest/proxied.img,\
	$(BUILD)/kernel-debug.elf,$(BUILD)/guest/proxied.range))
