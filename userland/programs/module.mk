# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,programs,$(addprefix userland/programs/,furnish.c \
	grant.c keep.c main.c stage.c table.c)))
