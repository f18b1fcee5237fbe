# SPDX-License-Identifier: BSD-2-Clause
device-srcs := $(addprefix kernel/device/,\
	device.c dma.c irq.c mmio.c pool.c ports.c)
kernel-srcs += $(device-srcs)
kernel-cold += $(addprefix kernel/device/,device.c dma.c mmio.c pool.c ports.c)
