# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,warden,userland/warden/main.c))
