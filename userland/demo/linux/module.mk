# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,linux,userland/demo/linux/keeper.c \
	userland/lib/foreign.c))

volume-files += $(BUILD)/linux/hello.elf

# No domain: linked as Linux has it, where no instruction that enters a kernel
# is out of place. It runs on what builds it, which is Linux on x86-64.
$(BUILD)/linux/hello.elf: userland/demo/linux/hello.c | packages
	$(call say,LINUX,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic \
	    -fno-stack-protector -fcf-protection=none \
	    -fno-asynchronous-unwind-tables -nostdlib -static -no-pie \
	    -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,--build-id=none \
	    -o $@ $<
	$(Q)test "$$($@)" = "Hello from a program for Linux" || \
	    { echo "$@ does not run here" >&2; rm -f $@; exit 1; }
