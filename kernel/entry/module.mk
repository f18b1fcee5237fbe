# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/entry/fault.c \
	kernel/entry/invoke.c \
	kernel/entry/main.c
