# SPDX-License-Identifier: BSD-2-Clause
# S11 on a machine: testsuite/guest/store_death.

$(eval $(call system-program,store-death,\
	testsuite/system/store-death/store-death.c))
$(eval $(call suite,system-store-death,\
	$(BUILD)/system/store-death $(BUILD)/store-death/debug.img,\
	$(system-env) $(BUILD)/system/store-death))

# A store that hangs instead: the usual volume, where `disk` stops it.
store-silent := $(BUILD)/store-silent
$(store-silent)/system.dtb: $(wildcard userland/*.dts*) \
    testsuite/system/store-death/stop.dts \
    testsuite/system/store-death/module.mk | packages
	@mkdir -p $(@D)
	$(Q)sed -e '/disks_node: /r testsuite/system/store-death/stop.dts' \
	    -e '/service@13 /s/&disks/\&storestop/' userland/system.dts | \
	    dtc -q -W no-unit_address_vs_reg -i userland -I dts -O dtb -o $@ -
$(store-silent)/silent.img: $(BUILD)/tools/mkvolume $(BUILD)/kernel.elf \
    $(store-silent)/system.dtb $(BUILD)/anteros.img \
    $(BUILD)/domain/storestop.elf
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $(store-silent)/system.dtb \
	    --build $(BUILD) --kernel $(BUILD)/kernel.elf \
	    --size 64 --out $@.new && mv $@.new $@

$(eval $(call system-test,store-silent,\
	testsuite/system/store-death/silent.c,$(store-silent)/silent.img))
