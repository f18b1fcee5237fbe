# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,records,userland/records/main.c $(addprefix userland/lib/,\
	collection.c heap.c shelf.c table.c)))
