# SPDX-License-Identifier: BSD-2-Clause
#
# The resident server, with the catalogue and the boot drivers' images in it:
# they are part of the boot range as it is. images.S is made, one line a driver
# in the catalogue's order.
#
# devdb-all is the same server with the packages in its catalogue: for tests of
# drivers, not of how they come in.

devdb-server := $(addprefix devdb/server/,main.c caps.c bus.c grant.c handle.c start.c \
	stop.c devices.c serve.c added.c disk.c revoke.c hotplug.c plan.c policy.c \
	connect.c numbers.c rings.c power.c storewatch.c) $(addprefix devdb/record/,read.c \
	match.c check.c)

# $(call devdb-domain,NAME,CATALOGUE,IMAGES,DRIVERS)
define devdb-domain
$(gen)/devdb/$(3).S: devdb/server/images.awk devdb/server/module.mk \
    devdb/module.mk $(devdb-sources)
	@mkdir -p $$(@D)
	$(Q)echo $(4) | $(AWK) -v catalogue=$(2) \
	    -f devdb/server/images.awk >$$@
fdt-domains += $(1)
$(call domain,$(1),$(devdb-server) $(gen)/devdb/$(3).S)
$(BUILD)/obj/domain/gen/devdb/$(3).o: $(gen)/devdb/$(3).S \
    $(gen)/devdb/$(2).dtb $(4:%=$(gen)/devdb/%.image)
	$$(call say,AS,$$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $$(flags-domain) -c -o $$@ $$<
endef
$(eval $(call devdb-domain,devdb,catalogue,images,$(devdb-boot)))
$(eval $(call devdb-domain,devdb-all,catalogue-all,images-all,$(devdb-names)))
