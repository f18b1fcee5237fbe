# SPDX-License-Identifier: BSD-2-Clause
#
# The resident server, with the catalogue and the boot drivers' images in it:
# they are part of the boot range as it is. images.S is made, one line a driver
# in the catalogue's order.

devdb-images := $(devdb-names:%=$(gen)/devdb/%.image)
$(gen)/devdb/%.image: $(BUILD)/domain/%.elf
	@mkdir -p $(@D)
	$(Q)objcopy -S $< $@

$(gen)/devdb/images.S: devdb/server/images.awk devdb/server/module.mk \
    $(devdb-sources)
	@mkdir -p $(@D)
	$(Q)echo $(devdb-names) | $(AWK) -f devdb/server/images.awk >$@

fdt-domains += devdb
$(eval $(call domain,devdb,$(addprefix devdb/server/,main.c caps.c bus.c \
	grant.c start.c stop.c devices.c serve.c catalogue.c match.c plan.c \
	policy.c) $(gen)/devdb/images.S))
$(BUILD)/obj/domain/gen/devdb/images.o: $(gen)/devdb/images.S \
    $(gen)/devdb/catalogue.dtb $(devdb-images)
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-domain) -c -o $@ $<
