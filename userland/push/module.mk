# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,push,$(addprefix userland/push/,main.c receive.c frame.c)))
