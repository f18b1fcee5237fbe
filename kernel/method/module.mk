# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += $(sort $(wildcard kernel/method/*.c))
