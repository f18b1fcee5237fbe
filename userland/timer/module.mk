# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,timer,userland/timer/main.c userland/timer/clients.c \
	userland/timer/times.c userland/lib/shelf.c))
