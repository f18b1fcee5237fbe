# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,journey,$(addprefix testsuite/system/journey/,\
	command.c driver.c main.c restart.c),$(BUILD)/tools/check-volume))

# Many more cuts, on all machines.
$(eval $(call soak-suite,system-journey-soak,$(BUILD)/system/journey \
	$(BUILD)/anteros.img $(BUILD)/tools/check-volume,$(system-env) \
	JOURNEY_CUTS=200 $(BUILD)/system/journey restart.ten_cuts))
