# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/entry/fast.c \
	kernel/entry/fault.c \
	kernel/entry/invoke.c \
	kernel/entry/keep.c \
	kernel/entry/kernel.c \
	kernel/entry/main.c
kernel-cold += kernel/entry/main.c

# SYSCALL enters fast.c, a fault or an answer keep.c, and nobody returns from
# there: they need not preserve what other functions must.
free-registers := -fcall-used-rbx -fcall-used-r12 -fcall-used-r13 \
	-fcall-used-r14 -fcall-used-r15
$(BUILD)/obj/kernel/kernel/entry/fast.o: target += -ffixed-rbp $(free-registers)
$(BUILD)/obj/kernel/kernel/entry/keep.o: target += $(free-registers)
