# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/entry/fast.c \
	kernel/entry/fault.c \
	kernel/entry/invoke.c \
	kernel/entry/kernel.c \
	kernel/entry/main.c
