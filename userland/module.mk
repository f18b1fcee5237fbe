# SPDX-License-Identifier: BSD-2-Clause
# Who is there and who holds what, for the volume builder.
$(BUILD)/system.dtb: userland/system.dts userland/services.dtsi | packages
	$(call say,DTC,$@)
	@mkdir -p $(@D)
	$(Q)dtc -q -W no-unit_address_vs_reg -I dts -O dtb -o $@ $<
