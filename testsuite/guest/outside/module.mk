# SPDX-License-Identifier: BSD-2-Clause
# A volume with processes that wait outside the persistent range (S3).

$(eval $(call domain,outside,testsuite/guest/outside/main.c))

$(BUILD)/outside/system.dtb: testsuite/guest/outside/system.dts \
    userland/system.dts | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -i . -I dts -O dtb -o $@ $<
$(BUILD)/outside/debug.img: $(BUILD)/outside/system.dtb \
    $(BUILD)/kernel-debug.elf $(BUILD)/anteros.img $(BUILD)/tools/mkvolume
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $< --build $(BUILD) \
	    --kernel $(BUILD)/kernel-debug.elf --size 64 --out $@
