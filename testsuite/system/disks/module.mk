# SPDX-License-Identifier: BSD-2-Clause
#
# The usual volume, with a hostile raw client of the disk in its boot range.

disks := $(BUILD)/disks
$(disks)/system.dtb: $(wildcard userland/*.dts*) testsuite/system/disks/pest.dts \
    testsuite/system/disks/module.mk | packages
	@mkdir -p $(@D)
	$(Q)sed -e '/disks_node: /r testsuite/system/disks/pest.dts' \
	    userland/system.dts | \
	    dtc -q -W no-unit_address_vs_reg -i userland -I dts -O dtb -o $@ -
$(disks)/disks.img: $(BUILD)/tools/mkvolume $(BUILD)/kernel.elf \
    $(disks)/system.dtb $(BUILD)/anteros.img $(BUILD)/domain/diskpest.elf
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $(disks)/system.dtb \
	    --build $(BUILD) --kernel $(BUILD)/kernel.elf \
	    --size 256 --out $@.new && mv $@.new $@

$(eval $(call system-test,disks,testsuite/system/disks/main.c,\
	$(BUILD)/tools/check-volume $(disks)/disks.img))
