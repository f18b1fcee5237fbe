# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += \
	kernel/object/deliver.c \
	kernel/object/forward.c \
	kernel/object/keeper.c \
	kernel/object/known.c \
	kernel/object/load.c \
	kernel/object/loan.c \
	kernel/object/message.c \
	kernel/object/notice.c \
	kernel/object/outside.c \
	kernel/object/process.c \
	kernel/object/record.c \
	kernel/object/ref.c \
	kernel/object/restart.c \
	kernel/object/restrict.c \
	kernel/object/store.c \
	kernel/object/token.c \
	kernel/object/wake.c
kernel-cold += $(addprefix kernel/object/,keeper.c loan.c outside.c record.c restart.c \
	store.c)
