# SPDX-License-Identifier: BSD-2-Clause
# The store's own sources, with a bug each that this suite must find.
power-mutants := no_first_flush no_second_flush
power-store-srcs := $(sort $(wildcard persist/store/guest/*.c) \
	$(wildcard persist/store/*.c)) persist/format/check.c
$(eval $(call compile-rules,power,domain,-DSTORE_MUTATIONS))

define power-mutant
object-files += $(call objs,power,$(power-store-srcs) \
	testsuite/system/power/mutant/$(1).c)
$(BUILD)/power/$(1).elf: $(call objs,power,$(power-store-srcs) \
    testsuite/system/power/mutant/$(1).c) \
    $(call objs,domain,userland/rt/start.S) $(BUILD)/lib/rt.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(link-domain) -o $$@ $$(filter %.o,$$^) \
	    -Wl,--whole-archive $(BUILD)/lib/rt.a -Wl,--no-whole-archive \
	    -Wl,--start-group $$(musl-libc) $$(libgcc) -Wl,--end-group
endef
$(foreach m,$(power-mutants),$(eval $(call power-mutant,$(m))))

power-srcs := $(wildcard testsuite/system/power/*.c) \
	persist/tools/audit.c persist/tools/protection.c $(volume-reader-srcs)
power-deps := $(power-mutants:%=$(BUILD)/power/%.elf) \
	$(BUILD)/tools/mkvolume
$(eval $(call system-test,power,$(power-srcs),$(power-deps)))

# All 300 states are booted.
$(eval $(call soak-suite,system-power-soak,$(BUILD)/system/power \
	$(BUILD)/anteros.img $(power-deps),\
	$(system-env) POWER_BOOTS=0 $(BUILD)/system/power))
