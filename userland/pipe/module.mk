# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,pipe,userland/pipe/main.c userland/pipe/pipe.c))
