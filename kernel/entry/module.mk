# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/entry/fast.c \
	kernel/entry/fault.c \
	kernel/entry/invoke.c \
	kernel/entry/kernel.c \
	kernel/entry/main.c

# SYSCALL enters fast.c, and nobody returns from there: it need not preserve
# what other functions must.
$(BUILD)/obj/kernel/kernel/entry/fast.o: target += -ffixed-rbp -fcall-used-rbx \
	-fcall-used-r12 -fcall-used-r13 -fcall-used-r14 -fcall-used-r15
