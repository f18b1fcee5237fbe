# SPDX-License-Identifier: BSD-2-Clause
# What the drivers that are no disks' execute themselves, on the machines of
# testsuite/system/devices.
$(eval $(call system-program,bench-drivers,testsuite/bench/drivers/run.c))
bench-drivers-deps := $(BUILD)/system/bench-drivers \
	$(BUILD)/devices/devices.img $(BUILD)/plugin/domains.so
bench-drivers-run := $(system-env) $(BUILD)/system/bench-drivers
$(eval $(call bench-suite,bench-drivers,$(bench-drivers-deps),\
	$(bench-drivers-run)))
# Part of make check: see bounds.awk.
$(eval $(call suite,bench-drivers-bounds,$(bench-drivers-deps) \
	testsuite/bench/bounds.awk testsuite/bench/bounds,\
	{ $(bench-drivers-run) || echo the_run; } | $(AWK) -v which=drivers \
	-f testsuite/bench/bounds.awk testsuite/bench/bounds -))
