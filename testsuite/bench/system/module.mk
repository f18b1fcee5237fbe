# SPDX-License-Identifier: BSD-2-Clause
# What needs the whole system: a volume of its own, with one more domain.
bench-system := testsuite/bench/system
comma := ,
# Those of userland/system.dts, and what its services start.
system-domains := $(patsubst %,$(BUILD)/domain/%.elf,bank store devdb console \
	shell vcsk count fill)

$(eval $(call domain,bench-system,$(addprefix $(bench-system)/,domain.c \
	keeper.c paging.c)))

$(BUILD)/bench/whole.dtb: $(bench-system)/system.dts userland/system.dts \
    | packages
	@mkdir -p $(@D)
	$(Q)dtc -q -W no-unit_address_vs_reg -I dts -O dtb -o $@ $<
# As large as 128 MiB of changes in one epoch need it.
$(BUILD)/bench/system.img: $(BUILD)/bench/whole.dtb $(BUILD)/kernel.elf \
    $(system-domains) $(BUILD)/domain/bench-system.elf \
    $(BUILD)/tools/mkvolume
	$(call say,VOLUME,$@)
	$(Q)$(BUILD)/tools/mkvolume --system $< --build $(BUILD) \
	    --kernel $(BUILD)/kernel.elf --size 1024 --out $@.new && \
	    mv $@.new $@

$(eval $(call system-program,bench-system,$(bench-system)/run.c))
bench-system-deps := $(BUILD)/system/bench-system $(BUILD)/bench/system.img \
	$(BUILD)/anteros.img $(BUILD)/bench/symbols $(insn-plugin)
bench-system-run := $(system-env) $(BUILD)/system/bench-system \
	$(BUILD)/bench/symbols
$(eval $(call bench-suite,bench-system,$(bench-system-deps),\
	$(bench-system-run) small))
# 128 MiB of changes: the larger machine is too slow for make check.
$(eval $(call bench-suite,bench-large,$(bench-system-deps),\
	$(bench-system-run) large))
# Part of make check: see bounds.awk.
$(eval $(call suite,bench-system-bounds,$(bench-system-deps) \
	testsuite/bench/bounds.awk testsuite/bench/bounds,\
	{ $(bench-system-run) small || echo the_run; } | $(AWK) -v which=system \
	-f testsuite/bench/bounds.awk testsuite/bench/bounds -))

# Where the instructions of each go, by domain and function.
$(BUILD)/plugin/domains.so: testsuite/bench/profile/domains.c \
    testsuite/bench/plugin/qemu.h | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -shared -fPIC -fvisibility=hidden -o $@ $<
.PHONY: bench-domains
bench-domains: $(bench-system-deps) $(BUILD)/plugin/domains.so
	@$(bench-system-run) small "$(BUILD)/plugin/domains.so,out=$(BUILD)/\
	bench/domains.txt,image=$(BUILD)/kernel.elf$(subst $() ,,$(patsubst \
	%,$(comma)image=$(BUILD)/domain/%.elf,store bank vcsk devdb console \
	shell uart virtio-blk bench-system))" | \
	$(AWK) -f testsuite/bench/profile/domains.awk - \
	    $(BUILD)/bench/domains.txt
