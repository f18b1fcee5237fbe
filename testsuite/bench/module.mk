# SPDX-License-Identifier: BSD-2-Clause
# The kernel's benchmarks: a boot range of their own, on the release kernel.

$(eval $(call domain,bench,$(sort $(wildcard testsuite/bench/domain/*.c)) \
	testsuite/bench/domain/timed.S testsuite/guest/lib.c))

$(BUILD)/bench/system.dtb: testsuite/bench/system.dts | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<
$(BUILD)/bench/boot.range: $(BUILD)/bench/system.dtb \
    $(patsubst %,$(BUILD)/domain/%.elf,bank bench constructor hello) \
    $(BUILD)/tools/mkvolume
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@
$(BUILD)/bench/bench.img: $(BUILD)/kernel.elf $(BUILD)/bench/boot.range \
    $(BUILD)/tools/install
	$(call say,IMAGE,$@)
	@rm -f $@
	$(Q)$(BUILD)/tools/install create --volume $@ --size 32
	$(Q)$(BUILD)/tools/install slot --image $@ --kernel $(BUILD)/kernel.elf \
	    --range $(BUILD)/bench/boot.range
$(BUILD)/bench/symbols: $(BUILD)/kernel.elf
	@mkdir -p $(@D)
	$(Q)nm -n $< >$@

$(BUILD)/plugin/profile.so: testsuite/bench/profile/profile.c \
    testsuite/bench/plugin/qemu.h | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -shared -fPIC -fvisibility=hidden -o $@ $<

$(eval $(call system-program,bench,testsuite/bench/run.c))
$(eval $(call bench-suite,bench-kernel,$(BUILD)/system/bench \
	$(BUILD)/bench/bench.img,\
	$(system-env) $(BUILD)/system/bench))

# Part of make check: no figure is more than 2 % above what is recorded.
$(eval $(call suite,bench-bounds,$(BUILD)/system/bench \
	$(BUILD)/bench/bench.img testsuite/bench/bounds.awk \
	testsuite/bench/bounds,\
	{ $(system-env) $(BUILD)/system/bench || echo the_run; } | \
	$(AWK) -f testsuite/bench/bounds.awk testsuite/bench/bounds -))

# Where the instructions of each go: make bench-profile [BENCH=NAME ...].
.PHONY: bench-profile
bench-profile: $(BUILD)/system/bench $(BUILD)/bench/bench.img \
    $(BUILD)/bench/symbols $(BUILD)/plugin/profile.so
	@$(system-env) $(BUILD)/system/bench --profile \
	    $(if $(ADDRESSES),--addresses) $(BENCH)

.PHONY: bench-record
bench-record: $(BUILD)/system/bench $(BUILD)/bench/bench.img \
    $(foreach s,bench-system bench-large bench-disk \
    bench-drivers,ready-$(s))
	@{ $(system-env) $(BUILD)/system/bench && \
	    sh $(BUILD)/suites/bench-system && \
	    sh $(BUILD)/suites/bench-large && \
	    sh $(BUILD)/suites/bench-disk && \
	    sh $(BUILD)/suites/bench-drivers; } | \
	    $(AWK) -v record=1 -f testsuite/bench/bounds.awk \
	    testsuite/bench/bounds - >$(BUILD)/bench/bounds
	@cp $(BUILD)/bench/bounds testsuite/bench/bounds
