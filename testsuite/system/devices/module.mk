# SPDX-License-Identifier: BSD-2-Clause
#
# The drivers on a machine that has their devices. The volume is the usual one,
# but the device server has the packages in its catalogue (devdb-all).

devices := $(BUILD)/devices
$(devices)/system.dtb: $(wildcard userland/*.dts*) testsuite/system/devices/module.mk \
    testsuite/system/devices/extra.dts | packages
	@mkdir -p $(@D)
	$(Q)sed -e 's/image = "devdb"/image = "devdb-all"/' \
	    -e '/broker_node: /r testsuite/system/devices/extra.dts' userland/system.dts | \
	    dtc -q -W no-unit_address_vs_reg -i userland -I dts -O dtb -o $@ -
$(devices)/devices.img: $(BUILD)/tools/mkvolume $(BUILD)/kernel.elf \
    $(devices)/system.dtb $(BUILD)/anteros.img $(BUILD)/domain/devdb-all.elf \
    $(BUILD)/domain/netping.elf $(BUILD)/domain/ringpest.elf
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $(devices)/system.dtb \
	    --build $(BUILD) --kernel $(BUILD)/kernel.elf \
	    --size 64 --out $@.new && mv $@.new $@

$(eval $(call system-program,devices,$(addprefix testsuite/system/devices/,\
	main.c net.c screen.c small.c terminal.c)))
$(eval $(call suite,system-devices,$(BUILD)/system/devices \
	$(devices)/devices.img,$(system-env) $(BUILD)/system/devices))
