# SPDX-License-Identifier: BSD-2-Clause
#
# A driver is uldrv/CLASS/NAME/*.c with the library over its target back end;
# its tree source is devdb/CLASS/NAME.dts.

uldrv-lib := $(addprefix uldrv/lib/,dev.c registers.c target/backend.c \
	target/main.c)
# The block class stands on its mux.
uldrv-mux-block := $(addprefix uldrv/mux/block/,front.c raw.c guard.c share.c)

$(eval $(call domain,virtio-blk,uldrv/block/virtio-blk/virtio-blk.c \
	$(uldrv-mux-block) uldrv/lib/virtio.c $(uldrv-lib)))
$(eval $(call domain,uart,uldrv/char/uart/uart.c uldrv/lib/char.c \
	$(uldrv-lib)))
$(eval $(call domain,virtio-console,$(addprefix uldrv/,\
	char/virtio-console/virtio-console.c lib/virtio.c lib/char.c) \
	$(uldrv-lib)))
$(eval $(call domain,acpi-pm,uldrv/platform/acpi-pm/acpi-pm.c \
	uldrv/platform/acpi-pm/s5.c \
	uldrv/platform/acpi-pm/hotplug.c uldrv/lib/platform.c $(uldrv-lib)))
$(eval $(call domain,ide,uldrv/block/ide/ide.c uldrv/block/ide/identify.c \
	uldrv/lib/ata.c $(uldrv-mux-block) $(uldrv-lib)))
$(eval $(call domain,ahci,uldrv/block/ahci/ahci.c uldrv/block/ahci/start.c \
	uldrv/lib/ata.c $(uldrv-mux-block) $(uldrv-lib)))
$(eval $(call domain,nvme,$(addprefix uldrv/block/nvme/,nvme.c admin.c prp.c) \
	$(uldrv-mux-block) $(uldrv-lib)))
$(eval $(call domain,pci,$(addprefix uldrv/bus/pci/,main.c scan.c bars.c \
	capability.c route.c control.c window.c)))

# Drivers of classes that stand on orders: $(call order-domain,CLASS,NAME,
# MORE), with lib/CLASS.c.
define order-domain
$(call domain,$(2),uldrv/$(1)/$(2)/$(2).c $(3) uldrv/lib/order.c \
	uldrv/lib/$(1).c $(uldrv-lib))
endef
$(eval $(call order-domain,test,edu))
$(eval $(call order-domain,entropy,virtio-rng,uldrv/lib/virtio.c))
$(eval $(call order-domain,clock,mc146818,uldrv/clock/mc146818/calendar.c))
$(eval $(call order-domain,net,virtio-net,uldrv/lib/virtio.c))
$(eval $(call order-domain,net,e1000))
$(eval $(call order-domain,input,ps2))
$(eval $(call order-domain,display,vga-text))
