# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,console,userland/console/main.c \
	$(addprefix userland/console/,console.c keymap.c screen.c seat.c)))
