# SPDX-License-Identifier: BSD-2-Clause
# The system's boot range with another client of the disk in the store's place.
bench-disk := testsuite/bench/disk

$(eval $(call domain,bench-disk,$(bench-disk)/client.c))

$(BUILD)/bench/disk.dtb: userland/system.dts userland/services.dtsi | packages
	@mkdir -p $(@D)
	$(Q)sed 's/image = "store";/image = "bench-disk";/' $< | \
	    dtc -q -i userland -W no-unit_address_vs_reg -I dts -O dtb -o $@ -
# The range has only what stands in boot; the volume need not be one.
# boot.range stands for all domains: their list is not complete yet.
$(BUILD)/bench/disk.img: $(BUILD)/bench/disk.dtb $(BUILD)/kernel.elf \
    $(BUILD)/boot.range $(BUILD)/domain/bench-disk.elf \
    $(BUILD)/tools/mkvolume $(BUILD)/tools/install
	$(call say,IMAGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< \
	    --range $(BUILD)/bench/disk.range
	@rm -f $@
	$(Q)$(BUILD)/tools/install create --volume $@ --size 64
	$(Q)$(BUILD)/tools/install slot --image $@ --kernel $(BUILD)/kernel.elf \
	    --range $(BUILD)/bench/disk.range

$(eval $(call system-program,bench-disk,$(bench-disk)/run.c \
	$(bench-disk)/spans.c))
bench-disk-deps := $(BUILD)/system/bench-disk $(BUILD)/bench/disk.img \
	$(insn-plugin)
bench-disk-run := $(foreach d,virtio ahci nvme ide,\
	$(system-env) $(BUILD)/system/bench-disk $(d) &&) :
$(eval $(call bench-suite,bench-disk,$(bench-disk-deps),$(bench-disk-run)))
# Part of make check: see bounds.awk.
$(eval $(call suite,bench-disk-bounds,$(bench-disk-deps) \
	testsuite/bench/bounds.awk testsuite/bench/bounds,\
	{ { $(bench-disk-run); } || echo the_run; } | $(AWK) -v which=disk \
	-f testsuite/bench/bounds.awk testsuite/bench/bounds -))
