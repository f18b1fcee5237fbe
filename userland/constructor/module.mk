# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,constructor,userland/constructor/main.c \
	userland/constructor/constructor.c userland/constructor/template.c))
