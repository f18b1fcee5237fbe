# SPDX-License-Identifier: BSD-2-Clause
# The boot range in which the store dies (S11).

$(eval $(call domain,store-death,testsuite/guest/store_death/main.c))

$(BUILD)/store-death/system.dtb: testsuite/guest/store_death/system.dts \
    | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
$(BUILD)/store-death/boot.range: $(BUILD)/store-death/system.dtb \
    $(BUILD)/domain/store-death.elf $(BUILD)/tools/mkvolume
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@
$(eval $(call guest-image,$(BUILD)/store-death/debug.img,\
	$(BUILD)/kernel-debug.elf,$(BUILD)/store-death/boot.range))
