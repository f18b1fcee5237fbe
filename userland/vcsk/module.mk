# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,vcsk,userland/vcsk/main.c userland/vcsk/copy.c))
