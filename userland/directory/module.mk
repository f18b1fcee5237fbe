# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,directory,userland/directory/main.c $(addprefix userland/lib/,\
	collection.c heap.c shelf.c table.c)))
