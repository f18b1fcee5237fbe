# SPDX-License-Identifier: BSD-2-Clause
mkvolume-srcs := $(addprefix persist/tools/,mkvolume.c range.c space.c elf.c \
	tree.c object.c capability.c closure.c image.c listing.c show.c \
	volume.c generation.c)

$(eval $(call host-tool,mkvolume,$(mkvolume-srcs) $(store-srcs) \
	$(boot-install-srcs),-lfdt))

# Independent of the store: they share only persist/format with it.
volume-reader-srcs := persist/tools/reader.c persist/tools/show.c \
	persist/format/check.c
$(eval $(call host-tool,check-volume,$(addprefix persist/tools/,\
	check-volume.c audit.c protection.c) $(volume-reader-srcs)))
$(eval $(call host-tool,dump-volume,persist/tools/dump-volume.c \
	$(volume-reader-srcs)))
