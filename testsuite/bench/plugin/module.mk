# SPDX-License-Identifier: BSD-2-Clause
#
# Whoever counts with the plugin depends on $(insn-plugin).
insn-plugin := $(BUILD)/plugin/insn.so

$(insn-plugin): testsuite/bench/plugin/insn.c \
    testsuite/bench/plugin/qemu.h | packages
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(flags-host) -shared -fPIC -fvisibility=hidden -o $@ $<

object-files += $(call objs,host,testsuite/bench/plugin/test/marks.S)
$(BUILD)/system/marks.img: $(call objs,host,\
    testsuite/bench/plugin/test/marks.S)
	@mkdir -p $(@D)
	@ld -Ttext 0x7c00 --oformat binary -o $@ $<
	@truncate -s 1M $@

$(eval $(call system-program,plugin,testsuite/bench/plugin/test/test.c))
$(eval $(call suite,system-plugin,$(BUILD)/system/plugin $(insn-plugin) \
	$(BUILD)/system/marks.img,\
	$(system-env) MARKS_IMAGE=$(BUILD)/system/marks.img \
	$(BUILD)/system/plugin))
