# SPDX-License-Identifier: BSD-2-Clause
cmd-srcs := $(sort $(wildcard userland/cmd/*.c))
