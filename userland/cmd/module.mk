# SPDX-License-Identifier: BSD-2-Clause
cmd-srcs := $(addprefix userland/cmd/,broker.c command.c demos.c devices.c format.c \
	format_service.c kernel.c spaces.c status.c store.c)
