# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,programs,$(addprefix userland/programs/,keep.c main.c \
	stage.c table.c)))
