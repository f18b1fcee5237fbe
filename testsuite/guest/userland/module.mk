# SPDX-License-Identifier: BSD-2-Clause
# The services and the shell in the running system, typed to by a script.
guest-user     := testsuite/guest/userland
guest-user-gen := $(BUILD)/guest/userland

$(eval $(call domain,script,$(guest-user)/script.c))
$(eval $(call domain,faulty,$(guest-user)/faulty.c))
$(eval $(call domain,nodisk,$(guest-user)/nodisk.c))
$(eval $(call domain,services,$(addprefix $(guest-user)/,accounting.c hostile.c \
	made.c peer.c seats.c services.c)))

$(guest-user-gen)/script.txt: $(guest-user)/script.txt
	@mkdir -p $(@D)
	@cp $< $@
$(guest-user-gen)/system.dtb: $(guest-user)/system.dts \
    userland/services.dtsi | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
$(guest-user-gen)/boot.range: $(guest-user-gen)/system.dtb \
    $(guest-user-gen)/script.txt $(BUILD)/tools/mkvolume \
    $(BUILD)/linux/hello.elf \
    $(patsubst %,$(BUILD)/domain/%.elf,bank console constructor count demo deputy \
	directory disks faulty fence fill linux nodisk pipe records script services shell \
	spy timer vcsk warden)
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@

$(eval $(call suite,guest-userland,$(guest-user-gen)/boot.range \
	$(BUILD)/tools/install $(BUILD)/kernel-debug.elf,\
	$(guest-user)/run.sh $(BUILD)))
