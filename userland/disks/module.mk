# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,disks,userland/disks/main.c userland/disks/disks.c))
