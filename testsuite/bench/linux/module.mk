# SPDX-License-Identifier: BSD-2-Clause
# The same reads on Linux: make bench-linux. No part of make check or make
# bench, because it fetches Debian's kernel.
bench-linux := testsuite/bench/linux

$(eval $(call system-program,bench-linux,$(bench-linux)/run.c \
	testsuite/bench/disk/spans.c))

# Fetched once: remove the folder for a newer one.
$(BUILD)/linux/vmlinuz: | packages
	$(call say,FETCH,$@)
	$(Q)$(setup)/packages.sh linux
	$(Q)$(bench-linux)/fetch.sh $(@D)
$(BUILD)/bench/linux-init: $(bench-linux)/init.c | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -static -o $@ $<
$(BUILD)/bench/linux.cpio: $(BUILD)/bench/linux-init $(BUILD)/linux/vmlinuz \
    $(bench-linux)/initramfs.sh
	$(call say,CPIO,$@)
	$(Q)$(bench-linux)/initramfs.sh $< $(BUILD)/linux/modules $@

.PHONY: bench-linux
bench-linux: $(BUILD)/system/bench-linux $(BUILD)/system/bench-disk \
    $(BUILD)/bench/disk.img $(BUILD)/bench/linux.cpio $(insn-plugin)
	@$(system-env) $(BUILD)/system/bench-disk virtio >$(BUILD)/bench/ours.txt
	@$(system-env) $(BUILD)/system/bench-linux >$(BUILD)/bench/linux.txt
	@$(AWK) -f $(bench-linux)/compare.awk $(BUILD)/bench/ours.txt \
	    $(BUILD)/bench/linux.txt
