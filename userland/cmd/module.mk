# SPDX-License-Identifier: BSD-2-Clause
cmd-srcs := $(addprefix userland/cmd/,command.c demos.c devices.c format.c \
	format_service.c kernel.c spaces.c status.c store.c)
