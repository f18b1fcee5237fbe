# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,push,$(addprefix userland/push/,main.c line.c receive.c \
	frame.c)))
