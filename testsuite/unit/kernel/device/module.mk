# SPDX-License-Identifier: BSD-2-Clause
# frame_alloc fails where a test says so; revocations are counted.
device-test := testsuite/unit/kernel/device
device-fake := $(addprefix testsuite/unit/kernel/fake/,\
	boot.c core.c hal.c tlb.c wait.c) \
	$(addprefix kernel/sched/,clock.c reserve.c)
device-methods := $(addprefix kernel/method/,dma.c dma_spaces.c irq.c \
	irq_space.c mmio.c mmio_space.c port_space.c ports.c)
$(eval $(call unit-test,device,$(wildcard $(device-test)/*.c) \
	$(device-srcs) $(device-methods) $(mem-srcs) $(device-fake),\
	-Xlinker --wrap=frame_alloc -Xlinker --wrap=map_device_revoke))
