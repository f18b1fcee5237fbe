# SPDX-License-Identifier: BSD-2-Clause
#
# Beside the usual volume one with a client of a device.
hotadd := $(BUILD)/hotadd
$(hotadd)/system.dtb: $(wildcard userland/*.dts*) \
    testsuite/system/hotadd/module.mk testsuite/system/hotadd/extra.dts | packages
	@mkdir -p $(@D)
	$(Q)sed -e '/include.*services.dtsi/r testsuite/system/hotadd/extra.dts' \
	    userland/system.dts | \
	    dtc -q -W no-unit_address_vs_reg -i userland -I dts -O dtb -o $@ -
$(hotadd)/holder.img: $(BUILD)/tools/mkvolume $(BUILD)/kernel.elf \
    $(hotadd)/system.dtb $(BUILD)/anteros.img $(BUILD)/domain/holder.elf
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $(hotadd)/system.dtb \
	    --build $(BUILD) --kernel $(BUILD)/kernel.elf \
	    --size 64 --out $@.new && mv $@.new $@

$(eval $(call system-test,hotadd,testsuite/system/hotadd/main.c,\
	$(BUILD)/tools/push $(BUILD)/tools/devdb-gen $(hotadd)/holder.img \
	$(BUILD)/package/edu.dtbo $(BUILD)/package/uart.dtbo))
