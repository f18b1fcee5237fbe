# SPDX-License-Identifier: BSD-2-Clause
#
# Every devdb/CLASS/NAME.dts gives gen/devdb/NAME.regs.h, a page of the manual
# and its part of the boot catalogue. A driver's place in the catalogue is its
# place in devdb-names; its image is $(BUILD)/domain/NAME.elf.

# Not a host-tool: those wait for all generated headers, which this one makes.
devdb-gen     := $(BUILD)/tools/devdb-gen
devdb-objects := $(patsubst %,$(BUILD)/obj/devdb-gen/%.o,main source check copy \
	header manual catalogue package) $(BUILD)/obj/devdb-gen/grammar.o
host-tools   += $(devdb-gen)
object-files += $(devdb-objects)
$(BUILD)/obj/devdb-gen/%.o: devdb/schema/%.c | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -MMD -MP -c -o $@ $<
$(BUILD)/obj/devdb-gen/%.o: devdb/tools/%.c | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -MMD -MP -c -o $@ $<
$(devdb-gen): $(devdb-objects)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -o $@ $^ -lfdt

gen-headers   += $(devdb-made:%=%.regs.h)
gen-manual    += $(devdb-all:%=$(gen)/manual/device-%.md)

# $(call devdb-rules,SOURCE,NAME)
define devdb-rules
$(gen)/devdb/$(2).dtb: $(1) | packages
	@mkdir -p $$(@D)
	$(Q)dtc -q -I dts -O dtb -o $$@ $(1)
$(gen)/devdb/$(2).lines: $(1) | packages
	@mkdir -p $$(@D)
	$(Q)dtc -q -I dts -O dts --annotate -o $$@ $(1)
$(gen)/devdb/$(2).regs.h: $(gen)/devdb/$(2).dtb $(gen)/devdb/$(2).lines \
    $(devdb-gen)
	$$(call say,DEVDB,$$@)
	$(Q)$(devdb-gen) header $(1) $(gen)/devdb/$(2).dtb \
	    $(gen)/devdb/$(2).lines >$$@
$(gen)/manual/device-$(2).md: $(gen)/devdb/$(2).dtb \
    $(gen)/devdb/$(2).lines $(devdb-gen)
	@mkdir -p $$(@D)
	$(Q)$(devdb-gen) manual $(1) $(gen)/devdb/$(2).dtb \
	    $(gen)/devdb/$(2).lines >$$@
endef
$(foreach s,$(devdb-sources),$(eval \
	$(call devdb-rules,$(s),$(basename $(notdir $(s))))))

# $(call devdb-catalogue,FILE,NAMES): a catalogue of these drivers.
define devdb-catalogue
$(gen)/devdb/$(1).dtb: $(2:%=$(gen)/devdb/%.dtb) $(2:%=$(gen)/devdb/%.lines) \
    $(devdb-gen) devdb/module.mk
	$$(call say,DEVDB,$$@)
	$(Q)$(devdb-gen) catalogue $(foreach n,$(2),$(gen)/devdb/$(n).dtb \
	    $(gen)/devdb/$(n).lines) >$$@
endef
$(eval $(call devdb-catalogue,catalogue,$(devdb-boot)))
$(eval $(call devdb-catalogue,catalogue-all,$(devdb-names)))

# The image as it is in the boot range and in a package; and the package.
$(gen)/devdb/%.image: $(BUILD)/domain/%.elf
	@mkdir -p $(@D)
	$(Q)objcopy -S $< $@
driver-packages := $(devdb-names:%=$(BUILD)/package/%.dtbo)
$(BUILD)/package/%.dtbo: $(gen)/devdb/%.regs.h $(gen)/devdb/%.image \
    $(devdb-gen)
	$(call say,PACKAGE,$@)
	@mkdir -p $(@D)
	$(Q)$(devdb-gen) package $(filter %/$*.dts,$(devdb-sources)) \
	    $(gen)/devdb/$*.dtb $(gen)/devdb/$*.lines $(gen)/devdb/$*.image >$@

