# SPDX-License-Identifier: BSD-2-Clause
# Random invocations: a sample in make check, and as long as you like:
#     make suite-fuzz FUZZ_SECONDS=600 FUZZ_SEED=4711

FUZZ_SEED    ?= 1
FUZZ_SECONDS ?= 20

$(eval $(call domain,fuzz,$(sort $(wildcard testsuite/fuzz/domain/*.c))))

.PHONY: fuzz-parameters
$(BUILD)/fuzz/parameters: fuzz-parameters
	@mkdir -p $(@D)
	@echo '$(FUZZ_SEED) $(FUZZ_SECONDS)' | cmp -s - $@ || \
	    echo '$(FUZZ_SEED) $(FUZZ_SECONDS)' >$@
$(BUILD)/fuzz/system.dtb: testsuite/fuzz/system.dts $(BUILD)/fuzz/parameters \
    | packages
	@mkdir -p $(@D)
	$(Q)sed 's/<SEED>/<$(FUZZ_SEED)>/; s/<SECONDS>/<$(FUZZ_SECONDS)>/' $< | \
	    dtc -q -I dts -O dtb -o $@ -
$(BUILD)/fuzz/boot.range: $(BUILD)/fuzz/system.dtb $(BUILD)/domain/fuzz.elf \
    $(BUILD)/tools/mkvolume
	$(call say,RANGE,$@)
	$(Q)$(BUILD)/tools/mkvolume --build $(BUILD) --system $< --range $@
$(BUILD)/fuzz/debug.img: $(BUILD)/kernel-debug.elf $(BUILD)/fuzz/boot.range \
    $(BUILD)/tools/install
	$(call say,IMAGE,$@)
	@rm -f $@
	$(Q)$(BUILD)/tools/install create --volume $@ --size 32
	$(Q)$(BUILD)/tools/install slot --image $@ \
	    --kernel $(BUILD)/kernel-debug.elf --range $(BUILD)/fuzz/boot.range

$(eval $(call system-program,fuzz,testsuite/fuzz/fuzz.c))
$(eval $(call suite,fuzz,$(BUILD)/system/fuzz $(BUILD)/fuzz/debug.img,\
	$(system-env) FUZZ_SECONDS=$(FUZZ_SECONDS) $(BUILD)/system/fuzz))
