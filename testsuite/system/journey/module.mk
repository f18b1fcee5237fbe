# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,journey,$(addprefix testsuite/system/journey/,\
	command.c driver.c main.c restart.c),$(BUILD)/tools/check-volume))
