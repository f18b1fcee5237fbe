# SPDX-License-Identifier: BSD-2-Clause
# The bootstrap is 16- and 32-bit code: it has flags and links of its own.

flags-bios = $(common) $(target) -m32 -march=i686 -ffreestanding \
	-mgeneral-regs-only --param=min-pagesize=0 -Wstack-usage=1024 \
	-isystem $(gcc-include)
$(eval $(call compile-rules,bios,bios))

boot-image-srcs := boot/bios/start.S $(wildcard boot/bios/*.c)
boot-code := $(patsubst %,$(gen)/boot/%.bin,mbr pbr image)
object-files += $(call objs,bios,$(boot-image-srcs) boot/bios/mbr.S \
	boot/bios/pbr.S)

link-bios = ld -m elf_i386 -z noexecstack --no-warn-rwx-segments

# Where boot/bios/bootrecord.h says that they run.
$(gen)/boot/mbr.bin: boot-address := 0x0600
$(gen)/boot/pbr.bin: boot-address := 0x7c00
$(gen)/boot/mbr.bin $(gen)/boot/pbr.bin: $(gen)/boot/%.bin: \
    $(BUILD)/obj/bios/boot/bios/%.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(link-bios) -Ttext=$(boot-address) --oformat binary -o $@ $<
$(BUILD)/boot/image.elf: $(call objs,bios,$(boot-image-srcs)) boot/bios/boot.ld
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(link-bios) -T boot/bios/boot.ld -o $@ $(filter %.o,$^)
$(gen)/boot/image.bin: $(BUILD)/boot/image.elf
	@mkdir -p $(@D)
	$(Q)objcopy -O binary $< $@

# What every program that installs links with: the volume builder too.
boot-install-srcs := $(addprefix boot/install/,boot.c code.S elf.c io.c \
	slot.c) $(addprefix boot/bios/,crc32c.c partition.c slot.c)
$(foreach kind,host unit,$(BUILD)/obj/$(kind)/boot/install/code.o): \
    $(boot-code)

$(eval $(call host-tool,install,boot/install/main.c \
	boot/install/command.c boot/install/show.c \
	$(boot-install-srcs)))
