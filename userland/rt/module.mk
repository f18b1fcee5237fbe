# SPDX-License-Identifier: BSD-2-Clause
rt-srcs += userland/rt/start.S userland/rt/invoke.S $(addprefix userland/rt/,\
	arena.c build.c elf.c exit.c locks.c log.c server.c \
	space.c wait.c)
