# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += $(sort $(wildcard kernel/method/*.c))
kernel-cold += $(addprefix kernel/method/,cache.c dma.c dma_spaces.c extended.c irq_space.c \
	kinfo_cpu.c kinfo_memory.c kinfo_node.c kinfo_processes.c \
	kinfo_reserves.c log.c mmio.c mmio_space.c port_space.c process.c reset.c \
	schedule.c snapshot.c window.c)
