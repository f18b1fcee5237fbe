# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,console,userland/console/main.c \
	userland/console/console.c))
